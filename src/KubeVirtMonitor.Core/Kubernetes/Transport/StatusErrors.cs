using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What an HTTP status means for the user, and what to do about it.</summary>
internal static class StatusErrors
{
    private const int MostText = 1000;

    private const string PolicyAdvice = "A policy of the cluster refuses this for every user: do what it says, or contact the owner of the policy.";

    // The sentence of the API server's authorizer. What an authorizer adds comes after it.
    private static readonly Regex Rbac = new(@"User ""(?<user>[^""]*)"" cannot (?<verb>\S+) (?:resource ""(?<resource>[^""]*)"" in API group ""(?<group>[^""]*)""(?: in the namespace ""(?<space>[^""]*)""| at the cluster scope)?|path ""(?<path>[^""]*)"")(?:: )?");

    // A role that a binding names and nobody has made.
    private static readonly Regex MissingRole = new(@"\b(?:cluster)?role\.rbac\.authorization\.k8s\.io ""[^""]*"" not found");

    // What refuses a change whoever makes it.
    private static readonly Regex Policy = new(@"denied (the )?request\b|exceeded quota|violates PodSecurity");

    /// <summary>The error of an answer.</summary>
    /// <param name="response">The answer; what it was sent for is not to come back out of it.</param>
    /// <param name="status">Its body, where that is a Status.</param>
    /// <param name="text">Its body as text, where it is none; empty = nothing came.</param>
    /// <param name="connection">Of whom.</param>
    /// <param name="known">Knows secrets that were sent earlier; null = nobody does.</param>
    /// <param name="isStarting">Whether the server has just started, and refuses everybody.</param>
    public static KubernetesException Describe(
        HttpResponseMessage response, KubernetesStatus? status, string text, ApiRequest request, KubernetesConnection connection, ForeignText? known = null, bool isStarting = false)
    {
        int code = (int)response.StatusCode;
        ForeignText foreign = (known ?? ForeignText.OfStranger).With(Secrets.OfRequest(response.RequestMessage));
        status = status?.Shown(foreign);
        string said = status?.Message is { Length: > 0 } message ? TextShown.Cut(message.Trim().TrimEnd('.'), MostText) : foreign.Reason(text).TrimEnd('.');
        string to = request.Purpose.Length > 0 ? request.Purpose : $"{request.Method} {request.PathAndQuery.Split('?')[0]}";
        (KubernetesError error, string what, string advice) = code switch
        {
            401 => (KubernetesError.Unauthorized, $"{Server(connection)} does not accept the {connection.CredentialKind}{Of(connection)}", LogIn(connection)),
            403 when isStarting => (KubernetesError.Forbidden, Sentence($"not allowed to {to}", said), "The API server seems to have just started, and has not loaded its roles yet: try again in a moment."),
            403 when said.Length == 0 && request.WebSocketProtocols is { } protocols => (
                KubernetesError.StreamFailed,
                $"cannot {to}: the WebSocket was refused without a reason (403)",
                $"A server that supports none of {string.Join(", ", protocols)} responds like this (Kubernetes 1.27 or later supports them), and a proxy in between may do so too."),
            403 => Forbidden(said, status, to, connection),
            404 => (KubernetesError.NotFound, Sentence($"cannot {to}: not found", said), "Check the name and the namespace. If the kind is unknown, its definition is not installed in this cluster."),
            409 => (KubernetesError.Conflict, Sentence($"cannot {to}: it conflicts with the state of the cluster", said), status?.Reason == "AlreadyExists" ? "An object of that name already exists." : "Somebody else changed it at the same time: read it again and repeat the change."),
            410 => (KubernetesError.Expired, Sentence($"cannot {to}: the requested version is no longer available", said), "Start the request again from the beginning."),
            400 or 422 => (
                KubernetesError.Invalid,
                Sentence($"cannot {to}: the server considers it invalid", said) + Causes(status, said),
                said.Contains("ValidatingAdmissionPolicy", StringComparison.Ordinal) ? PolicyAdvice : "Correct the fields that it names."),
            406 => (KubernetesError.Invalid, Sentence($"cannot {to}: the server cannot answer in the requested format", said), "A proxy or an extension server may be the cause."),
            415 => (KubernetesError.Invalid, Sentence($"cannot {to}: the server does not accept this kind of patch or body", said), "Custom resources support merge and JSON patches and server-side apply, but not strategic merge patches."),
            429 => (KubernetesError.Throttled, Sentence($"cannot {to}: the server is busy and requests a pause", said), "Try again later, or request less at a time."),
            >= 300 and < 400 => (KubernetesError.BadAnswer, $"{Server(connection)} answers with a redirect ({code})", "This may be a login page in front of the API server, or not an API server at all: check the address in the kubeconfig."),
            >= 500 => (KubernetesError.ServerError, Sentence($"cannot {to}: the server failed ({code})", said), "Try again. If the problem persists, check the API server, or the webhook or extension server that it names."),
            _ => (KubernetesError.BadAnswer, Sentence($"cannot {to}: the server answered with status {code}", said), ""),
        };
        return new KubernetesException(error, what, advice) { StatusCode = code, Status = status, IsStarting = isStarting, IsImpersonation = code == 403 && Rbac.Match(said) is { Success: true } match && match.Groups["verb"].Value.StartsWith("impersonate", StringComparison.Ordinal) };
    }

    // What the API server says where a stream lacks the second of its verbs (seen with 1.36).
    private static readonly Regex Streamed = new(@"^pods ""[^""]*"" is forbidden:\s*$", RegexOptions.CultureInvariant);

    private static bool IsStream(string verb, string target) => verb is "get" or "create" && target is ("pods/exec" or "pods/portforward");

    private const string SubresourcesOnly = ".subresources.kubevirt.io";

    private static (KubernetesError Error, string What, string Advice) Forbidden(string said, KubernetesStatus? status, string to, KubernetesConnection connection)
    {
        if (Rbac.Match(said) is not { Success: true } match)
        {
            return (
                KubernetesError.Forbidden,
                Sentence($"not allowed to {to}", said) + Causes(status, said),
                Policy.IsMatch(said) ? PolicyAdvice
                    : Streamed.IsMatch(said) ? "Kubernetes 1.35 and later ask for two verbs on pods/exec and pods/portforward, 'get' and 'create', and give no reason when the second is missing: ask for a Role or ClusterRole with both."
                    : "Ask the cluster's administrator for the permission.");
        }

        string user = match.Groups["user"].Value;
        string verb = match.Groups["verb"].Value;
        string more = said[(match.Index + match.Length)..].Trim();
        (string target, string where, string check) = Target(match);
        bool isRest = match.Groups["path"].Success;
        if (verb.StartsWith("impersonate", StringComparison.Ordinal)) return Impersonation(user, verb, $"{target} {where}".TrimEnd(), more, connection);
        string role = match.Groups["space"].Value.Length > 0 ? "Role or ClusterRole" : "ClusterRole";
        string advice = MissingRole.IsMatch(more)
            ? $"A binding of that user names a role that does not exist: create the role, or correct the binding. It must grant the verb '{verb}' on '{target}' {where}".TrimEnd()
            : isRest
                ? $"Ask for a ClusterRole with the verb '{verb}' on the nonResourceURL '{target}', bound to that user"
                : $"Ask for a {role} with the verb{(IsStream(verb, target) ? "s 'get' and 'create'" : $" '{verb}'")} on '{target}' {where}, bound to that user";
        return (
            KubernetesError.Forbidden,
            Sentence($"user '{user}' may not {verb} {target} {where}".TrimEnd(), more),
            $"{advice}; check with 'kubectl auth can-i {check}.");
    }

    // What a permission is about: for people, and how to ask for it. 'kubectl auth can-i' reads TYPE/NAME where TYPE/SUBRESOURCE is written, and says no to
    // each TYPE that discovery does not list in its group: KubeVirt's has nothing but subresources, of types that are in another group.
    private static (string Target, string Where, string Check) Target(Match match)
    {
        string verb = match.Groups["verb"].Value;
        if (match.Groups["path"] is { Success: true } path) return (path.Value, "", $"{verb} {path.Value}'");
        string group = match.Groups["group"].Value is { Length: > 0 } named ? "." + named : "";
        string target = match.Groups["resource"].Value + group;
        string[] parts = match.Groups["resource"].Value.Split('/', 2);
        string space = match.Groups["space"].Value;
        string check = parts.Length < 2
            ? $"{verb} {target}"
            : group == SubresourcesOnly ? "--list" : $"{verb} {parts[0]}{group} --subresource={parts[1]}";
        string shown = check == "--list" ? $", which shows '{parts[0]}{group}/{parts[1]}' with that verb" : "";
        return space.Length > 0
            ? (target, $"in namespace {space}", $"{check} -n {space}'{shown}")
            : (target, "in the whole cluster", $"{check}{(check == "--list" ? "" : " --all-namespaces")}'{shown}");
    }

    // Before Kubernetes 1.36 the refusal is about users or groups; since then (constrained impersonation) about what was to be done in their name.
    private static (KubernetesError Error, string What, string Advice) Impersonation(string user, string verb, string target, string more, KubernetesConnection connection)
    {
        string other = connection.ImpersonationHeaders.FirstOrDefault(static header => header.Key == "Impersonate-User").Value ?? "somebody else";
        string[] account = other.Split(':');
        (string resource, string check) = account is ["system", "serviceaccount", var space, var name]
            ? ("serviceaccounts", $"serviceaccounts/{name} -n {space}")
            : ("users", $"users/{other}");
        string constrained = verb.StartsWith("impersonate-on:", StringComparison.Ordinal) && verb.Split(':') is [_, var mode, _]
            ? $" Since Kubernetes 1.36 'impersonate:{mode}' on '{resource}.authentication.k8s.io' is sufficient together with '{verb}' on the requested resource."
            : "";
        return (
            KubernetesError.Forbidden,
            Sentence($"user '{user}' may not act as '{other}', as the kubeconfig requests: it may not {verb} {target}", more),
            $"Ask for a ClusterRole with the verb 'impersonate' on '{resource}' (and on 'groups', 'uids' and 'userextras', if the kubeconfig names them), bound to that user, or remove 'as' from the kubeconfig; check with 'kubectl auth can-i impersonate {check}'.{constrained}");
    }

    private static string Causes(KubernetesStatus? status, string said)
    {
        if (status is null) return "";
        string[] causes = status.Causes
            .Where(cause => cause.Message.Length > 0 && !said.Contains(cause.Message, StringComparison.Ordinal))
            .Take(10)
            .Select(cause => cause.Field.Length > 0 ? $"{cause.Field}: {cause.Message}" : cause.Message)
            .ToArray();
        return causes.Length == 0 ? "" : TextShown.Cut(" (" + string.Join("; ", causes) + ")", MostText);
    }

    private static string LogIn(KubernetesConnection connection) => connection.Credential switch
    {
        TokenCredential => "It has expired or belongs to another cluster: log in again, or create a new one with 'kubectl create token'.",
        TokenFileCredential => "It has expired and was not replaced, or belongs to another cluster.",
        CertificateCredential => "It was issued by another cluster's CA, or has been revoked: get the kubeconfig again.",
        ExecCredential => "Log in again with the tool that the plugin belongs to.",
        NoCredential => "The server requires credentials, and the user of the kubeconfig's context has none.",
        _ => "Correct it in the kubeconfig, or log in again.",
    };

    private static string Of(KubernetesConnection connection) => connection.UserName is { } user ? $" of user '{user}' ({connection.Source})" : "";

    private static string Server(KubernetesConnection connection) => connection.Server.GetLeftPart(UriPartial.Authority);

    private static string Sentence(string what, string said) => said.Length == 0 ? what : $"{what} ({said})";
}

/// <summary>Turns the response to a refused request into an error.</summary>
internal static class StatusReader
{
    private const int MostBody = 256 * 1024;

    // A role that the API server makes itself, and waits for after its start, is missing.
    private static readonly Regex BuiltInRole = new(@"clusterrole\.rbac\.authorization\.k8s\.io ""(cluster-admin|system:discovery|system:basic-user|system:public-info-viewer)"" not found");

    public static async Task<KubernetesException> ReadAsync(HttpResponseMessage response, ApiRequest request, ApiTransport transport, CancellationToken cancellationToken)
    {
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using AnswerReader reader = new(transport, stream, cancellationToken);
        byte[] body = await reader.ReadStartAsync(MostBody).ConfigureAwait(false);
        KubernetesStatus? status = Parse(body);
        string text = status is not null ? "" : Encoding.UTF8.GetString(body);
        return StatusErrors.Describe(response, status, text, request, transport.Connection, transport.Foreign, IsStarting(response, status));
    }

    /// <summary>
    /// Whether an API server refuses because it has not read its own roles and flow schemas yet. For some hundred milliseconds after its start it
    /// refuses everybody, administrators too: first with an empty flow schema, then with the names of roles that every cluster has.
    /// </summary>
    private static bool IsStarting(HttpResponseMessage response, KubernetesStatus? status) =>
        response.StatusCode == HttpStatusCode.Forbidden
        && status is not null
        && ((response.Headers.NonValidated.TryGetValues("X-Kubernetes-Pf-Flowschema-Uid", out HeaderStringValues schema) && schema.All(string.IsNullOrWhiteSpace))
            || BuiltInRole.IsMatch(status.Message));

    /// <summary>Reads a Status object; null when the text is none.</summary>
    /// <param name="json">The text.</param>
    /// <param name="isBare">Whether it comes without its kind, as kubelet writes how a command ended.</param>
    public static KubernetesStatus? Parse(ReadOnlySpan<byte> json, bool isBare = false)
    {
        if (JsonText.ObjectOf(json) is not { } root || (isBare ? Text(root["status"]).Length == 0 : Text(root["kind"]) != "Status")) return null;
        JsonObject? details = root["details"] as JsonObject;
        return new KubernetesStatus
        {
            Code = JsonText.Integer(root["code"]) ?? 0,
            IsSuccess = Text(root["status"]) == "Success",
            Reason = Text(root["reason"]),
            Message = Text(root["message"]),
            Kind = Text(details?["kind"]),
            Group = Text(details?["group"]),
            Name = Text(details?["name"]),
            RetryAfter = JsonText.Integer(details?["retryAfterSeconds"]) is > 0 and int seconds ? TimeSpan.FromSeconds(seconds) : null,
            Continue = Text(JsonText.At(root, "metadata", "continue")) is { Length: > 0 } token ? token : null,
            Causes = [.. (details?["causes"] as JsonArray ?? []).OfType<JsonObject>().Select(static cause => new KubernetesStatusCause(Text(cause["reason"]), Text(cause["field"]), Text(cause["message"])))],
        };
    }

    private static string Text(JsonNode? node) => JsonText.Of(node) ?? "";
}
