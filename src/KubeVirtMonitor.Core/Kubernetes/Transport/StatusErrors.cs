using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What an HTTP status means for the user, and what to do about it.</summary>
internal static class StatusErrors
{
    private const int MostText = 1000;

    // The sentence of the API server's authorizer.
    private static readonly Regex Rbac = new(@"User ""(?<user>[^""]*)"" cannot (?<verb>\S+) resource ""(?<resource>[^""]*)"" in API group ""(?<group>[^""]*)""(?: in the namespace ""(?<space>[^""]*)""| at the cluster scope)?");

    // HTML tags, and elements whose text nobody reads.
    private static readonly Regex Tags = new(@"<(style|script|head)\b.*?</\1>|<[^>]*>", RegexOptions.Singleline | RegexOptions.IgnoreCase);

    // Runs of blanks.
    private static readonly Regex Blanks = new(@"\s+");

    public static KubernetesException Describe(int code, KubernetesStatus? status, string text, ApiRequest request, KubernetesConnection connection)
    {
        string said = TextShown.Cut(TextShown.Printable(status?.Message is { Length: > 0 } message ? message : Plain(text)).Trim().TrimEnd('.'), MostText);
        string to = request.Purpose.Length > 0 ? request.Purpose : $"{request.Method} {request.PathAndQuery.Split('?')[0]}";
        (KubernetesError error, string what, string advice) = code switch
        {
            401 => (KubernetesError.Unauthorized, $"{Server(connection)} does not accept the {connection.CredentialKind}{Of(connection)}", LogIn(connection)),
            403 => Forbidden(said, to),
            404 => (KubernetesError.NotFound, Sentence($"cannot {to}: not found", said), "Check name and namespace; if the kind itself is unknown, what defines it is not installed in this cluster."),
            409 => (KubernetesError.Conflict, Sentence($"cannot {to}: it conflicts with the state of the cluster", said), status?.Reason == "AlreadyExists" ? "Something of that name exists already." : "Somebody else changed it at the same time: read it again and repeat the change."),
            410 => (KubernetesError.Expired, Sentence($"cannot {to}: the version asked for is gone", said), "Ask again from the beginning."),
            400 or 422 => (KubernetesError.Invalid, Sentence($"cannot {to}: the server finds it invalid", said) + Causes(status, said), "Correct what it names."),
            415 => (KubernetesError.Invalid, Sentence($"cannot {to}: the server does not take this kind of patch or body", said), "Custom resources take merge and JSON patches and server-side apply, but no strategic patches."),
            429 => (KubernetesError.Throttled, Sentence($"cannot {to}: the server is busy and asks to wait", said), "Try again later, or ask for less at once."),
            >= 300 and < 400 => (KubernetesError.BadAnswer, $"{Server(connection)} answers with a redirect ({code})", "That is no API server, or a login page in front of one: check the address in the kubeconfig."),
            >= 500 => (KubernetesError.ServerError, Sentence($"cannot {to}: the server failed ({code})", said), "Try again; if it goes on, look at the API server, or at the webhook or extension server it names."),
            _ => (KubernetesError.BadAnswer, Sentence($"cannot {to}: the server answered with status {code}", said), ""),
        };
        return new KubernetesException(error, what, advice) { StatusCode = code, Status = status };
    }

    private static (KubernetesError Error, string What, string Advice) Forbidden(string said, string to)
    {
        if (Rbac.Match(said) is not { Success: true } match)
            return (KubernetesError.Forbidden, Sentence($"not allowed to {to}", said), "Ask the cluster's administrator for the permission.");
        string user = match.Groups["user"].Value;
        string verb = match.Groups["verb"].Value;
        string group = match.Groups["group"].Value;
        string resource = group.Length == 0 ? match.Groups["resource"].Value : $"{match.Groups["resource"].Value}.{group}";
        string space = match.Groups["space"].Value;
        string where = space.Length > 0 ? $"in namespace {space}" : "in the whole cluster";
        string check = $"kubectl auth can-i {verb} {resource}{(space.Length > 0 ? $" -n {space}" : " --all-namespaces")}";
        return (
            KubernetesError.Forbidden,
            $"user '{user}' may not {verb} {resource} {where}",
            $"Ask for a {(space.Length > 0 ? "Role or ClusterRole" : "ClusterRole")} with the verb '{verb}' on '{resource}' {where}, bound to that user; check with '{check}'.");
    }

    private static string Causes(KubernetesStatus? status, string said)
    {
        if (status is null) return "";
        string[] causes = status.Causes
            .Where(cause => cause.Message.Length > 0 && !said.Contains(cause.Message, StringComparison.Ordinal))
            .Take(10)
            .Select(cause => cause.Field.Length > 0 ? $"{cause.Field}: {cause.Message}" : cause.Message)
            .ToArray();
        return causes.Length == 0 ? "" : TextShown.Cut(TextShown.Printable(" (" + string.Join("; ", causes) + ")"), MostText);
    }

    private static string LogIn(KubernetesConnection connection) => connection.Credential switch
    {
        TokenCredential => "It has expired or belongs to another cluster: log in again, or make a new one with 'kubectl create token'.",
        TokenFileCredential => "It has expired and was not replaced, or belongs to another cluster.",
        CertificateCredential => "It was issued by another cluster's CA, or has been revoked: fetch the kubeconfig again.",
        ExecCredential => "Log in again with the tool that the plugin belongs to.",
        NoCredential => "The server wants credentials, and the kubeconfig's context names no user.",
        _ => "Correct it in the kubeconfig, or log in again.",
    };

    private static string Of(KubernetesConnection connection) => connection.UserName is { } user ? $" of user '{user}' ({connection.Source})" : "";

    private static string Server(KubernetesConnection connection) => connection.Server.GetLeftPart(UriPartial.Authority);

    private static string Sentence(string what, string said) => said.Length == 0 ? what : $"{what} ({said})";

    // A proxy's or gateway's page: its words without its tags.
    private static string Plain(string text) => TextShown.Cut(Blanks.Replace(Tags.Replace(text.Length > 8192 ? text[..8192] : text, " "), " "), 200);
}
