using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>What real servers refuse with, and what is made of it: nothing that they say is lost, and the advice fits.</summary>
public sealed class RefusalTests : ClientTests
{
    private const string Machines = "/apis/kubevirt.io/v1/virtualmachines";

    /// <summary>Messages of Kubernetes 1.36, with what is to be said, the beginning of the advice, and its end.</summary>
    public static TheoryData<string, string, string, string> Forbidden => new()
    {
        {
            """virtualmachines.kubevirt.io is forbidden: User "view" cannot list resource "virtualmachines" in API group "kubevirt.io" in the namespace "vms-a" """,
            "user 'view' may not list virtualmachines.kubevirt.io in namespace vms-a",
            "Ask for a Role or ClusterRole with the verb 'list' on 'virtualmachines.kubevirt.io' in namespace vms-a, bound to that user",
            "check with 'kubectl auth can-i list virtualmachines.kubevirt.io -n vms-a'."
        },
        {
            """virtualmachineinstances.subresources.kubevirt.io "vm-00" is forbidden: User "view" cannot get resource "virtualmachineinstances/portforward" in API group "subresources.kubevirt.io" in the namespace "vms-a" """,
            "user 'view' may not get virtualmachineinstances/portforward.subresources.kubevirt.io in namespace vms-a",
            "Ask for a Role or ClusterRole with the verb 'get' on 'virtualmachineinstances/portforward.subresources.kubevirt.io'",
            "check with 'kubectl auth can-i --list -n vms-a', which shows 'virtualmachineinstances.subresources.kubevirt.io/portforward' with that verb."
        },
        {
            """pods is forbidden: User "view" cannot get resource "pods/proxy" in API group "" at the cluster scope""",
            "user 'view' may not get pods/proxy in the whole cluster",
            "Ask for a ClusterRole with the verb 'get' on 'pods/proxy' in the whole cluster",
            "check with 'kubectl auth can-i get pods --subresource=proxy --all-namespaces'."
        },
        {
            """pods "agent-1" is forbidden: User "view" cannot get resource "pods/exec" in API group "" in the namespace "datadog" """,
            "user 'view' may not get pods/exec in namespace datadog",
            "Ask for a Role or ClusterRole with the verbs 'get' and 'create' on 'pods/exec' in namespace datadog, bound to that user",
            "check with 'kubectl auth can-i get pods --subresource=exec -n datadog'."
        },
        {
            // With 'get' alone, Kubernetes 1.36 says no more than this.
            """pods "agent-1" is forbidden: """,
            "not allowed to get " + Machines + " (pods \"agent-1\" is forbidden:)",
            "Kubernetes 1.35 and later ask for two verbs on pods/exec and pods/portforward, 'get' and 'create'",
            "ask for a Role or ClusterRole with both."
        },
        {
            """virtualmachines.kubevirt.io is forbidden: User "none" cannot list resource "virtualmachines" in API group "kubevirt.io" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "nosuch-role" not found""",
            "user 'none' may not list virtualmachines.kubevirt.io in the whole cluster (RBAC: clusterrole.rbac.authorization.k8s.io \"nosuch-role\" not found)",
            "A binding of that user names a role that does not exist",
            "--all-namespaces'."
        },
        {
            """pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "a": no access after working hours""",
            "user 'jane' may not list pods in namespace a (no access after working hours)",
            "Ask for a Role or ClusterRole",
            "-n a'."
        },
        {
            """forbidden: User "system:anonymous" cannot get path "/version" """,
            "user 'system:anonymous' may not get /version",
            "Ask for a ClusterRole with the verb 'get' on the nonResourceURL '/version', bound to that user",
            "check with 'kubectl auth can-i get /version'."
        },
        {
            """virtualmachines.kubevirt.io "vm-18" is forbidden: ValidatingAdmissionPolicy 'h9-deny' with binding 'h9-deny' denied request: machines with the label frozen must not be changed""",
            "not allowed to get " + Machines + " (virtualmachines.kubevirt.io \"vm-18\" is forbidden: ValidatingAdmissionPolicy 'h9-deny' with binding 'h9-deny' denied request: machines with the label frozen must not be changed)",
            "A policy of the cluster refuses this for every user",
            "contact the owner of the policy."
        },
        {
            """pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4""",
            "not allowed to get " + Machines + " (pods \"x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4)",
            "A policy of the cluster",
            "contact the owner of the policy."
        },
    };

    /// <summary>How the refusal to act as somebody else reads, before Kubernetes 1.36 and since.</summary>
    public static TheoryData<string, string, string, string, string> Impersonation => new()
    {
        {
            "jane", """users "jane" is forbidden: User "view" cannot impersonate resource "users" in API group "" at the cluster scope""",
            "user 'view' may not act as 'jane', as the kubeconfig requests: it may not impersonate users in the whole cluster",
            "'kubectl auth can-i impersonate users/jane'.", ""
        },
        {
            "jane", """virtualmachines.kubevirt.io is forbidden: User "view" cannot impersonate-on:user-info:list resource "virtualmachines" in API group "kubevirt.io" in the namespace "vms-a" """,
            "user 'view' may not act as 'jane', as the kubeconfig requests: it may not impersonate-on:user-info:list virtualmachines.kubevirt.io in namespace vms-a",
            "'kubectl auth can-i impersonate users/jane'.",
            "'impersonate:user-info' on 'users.authentication.k8s.io' is sufficient together with 'impersonate-on:user-info:list' on the requested resource."
        },
        {
            "jane", """forbidden: User "view" cannot impersonate-on:user-info:get path "/version" """,
            "user 'view' may not act as 'jane', as the kubeconfig requests: it may not impersonate-on:user-info:get /version",
            "'kubectl auth can-i impersonate users/jane'.", "'impersonate-on:user-info:get'"
        },
        {
            "system:serviceaccount:ns:robot", """pods "foo" is forbidden: User "view" cannot impersonate-on:serviceaccount:create resource "pods" in API group "" in the namespace "bar": deny by default""",
            "user 'view' may not act as 'system:serviceaccount:ns:robot', as the kubeconfig requests: it may not impersonate-on:serviceaccount:create pods in namespace bar (deny by default)",
            "'kubectl auth can-i impersonate serviceaccounts/robot -n ns'.", "'impersonate:serviceaccount' on 'serviceaccounts.authentication.k8s.io'"
        },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task AMissingPermissionIsToldFromAPolicy(string message, string what, string advice, string end)
    {
        await StartAsync(context => context.StatusAsync(403, "Forbidden", message.Trim()));
        KubernetesException exception = await FailAsync();
        Assert.Equal((KubernetesError.Forbidden, $"{what}. {exception.Advice}"), (exception.Error, exception.Message));
        Assert.StartsWith(advice, exception.Advice, StringComparison.Ordinal);
        Assert.EndsWith(end, exception.Advice, StringComparison.Ordinal);
        Assert.Single(Server.Requests);
    }

    [Theory]
    [MemberData(nameof(Impersonation))]
    public async Task WhoMayNotActAsSomebodyElseIsTold(string other, string message, string what, string check, string constrained)
    {
        await StartAsync(context => context.StatusAsync(403, "Forbidden", message.Trim()), other);
        KubernetesException exception = await FailAsync();
        Assert.Equal(other, Server.Requests.Single().Headers["Impersonate-User"]);
        Assert.Equal((KubernetesError.Forbidden, $"{what}. {exception.Advice}"), (exception.Error, exception.Message));
        Assert.Contains(check, exception.Advice, StringComparison.Ordinal);
        Assert.Contains(constrained, exception.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoActsAsSomebodyElseIsRefusedAsThatUser()
    {
        await StartAsync(context => context.StatusAsync(403, "Forbidden", """virtualmachines.kubevirt.io is forbidden: User "jane" cannot list resource "virtualmachines" in API group "kubevirt.io" in the namespace "vms-a" """.Trim()), "jane");
        Assert.StartsWith("user 'jane' may not list virtualmachines.kubevirt.io in namespace vms-a. Ask for a Role", (await FailAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("uid", ": RBAC: [clusterrole.rbac.authorization.k8s.io \"system:discovery\" not found, clusterrole.rbac.authorization.k8s.io \"cluster-admin\" not found]")]
    public async Task AServerThatIsStartingIsAskedAgain(string schema, string more)
    {
        int attempts = 0;
        await StartAsync(context =>
        {
            context.Response.Headers["X-Kubernetes-Pf-Flowschema-Uid"] = schema;
            return attempts++ < 2
                ? context.StatusAsync(403, "Forbidden", $"""virtualmachines.kubevirt.io is forbidden: User "admin" cannot list resource "virtualmachines" in API group "kubevirt.io" at the cluster scope{more}""")
                : context.JsonAsync("{}");
        });
        await Client.GetAsync(Machines, Token);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task AServerThatNeverGetsStartedSaysSo()
    {
        await StartAsync(context =>
        {
            context.Response.Headers["X-Kubernetes-Pf-Flowschema-Uid"] = "";
            return context.StatusAsync(403, "Forbidden", """pods is forbidden: User "admin" cannot list resource "pods" in API group "" at the cluster scope""");
        });
        KubernetesException exception = await FailAsync();
        Assert.Contains("User \"admin\" cannot list resource \"pods\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("just started", exception.Advice, StringComparison.Ordinal);
        Assert.Equal(6, Server.Requests.Count);
    }

    [Fact]
    public async Task APolicyMayCallItInvalid()
    {
        await StartAsync(context => context.StatusAsync(422, "Invalid", "kubevirts.kubevirt.io \"kubevirt\" is forbidden: ValidatingAdmissionPolicy 'h9-deny' with binding 'h9-deny' denied request: this cluster's KubeVirt resource is managed in Git"));
        KubernetesException exception = await FailAsync();
        Assert.Contains("denied request: this cluster's KubeVirt resource is managed in Git", exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("A policy of the cluster refuses this", exception.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "404 page not found\n", KubernetesError.NotFound, "not found (404 page not found)", 1)]
    [InlineData(406, "406: Not Acceptable\n\nAvailable representations: ", KubernetesError.Invalid, "406: Not Acceptable", 1)]
    [InlineData(429, "Too many requests, please try again later.\n", KubernetesError.Throttled, "(Too many requests, please try again later)", 6)]
    [InlineData(500, "command Guest agent not available failed\n", KubernetesError.ServerError, "command Guest agent not available failed", 6)]
    [InlineData(400, "query parameter \"port\" is required\n", KubernetesError.Invalid, "query parameter \"port\" is required", 1)]
    public async Task RefusalsInPlainTextKeepTheirWords(int code, string text, KubernetesError error, string words, int requests)
    {
        await StartAsync(context =>
        {
            context.Response.StatusCode = code;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync(text);
        });
        KubernetesException exception = await FailAsync();
        Assert.Equal((error, code, null), (exception.Error, exception.StatusCode, exception.Status));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.Equal(requests, Server.Requests.Count);
    }

    // virt-api says 500 of an instance type that is not there, and of a guest without an agent; what is between here and there says 503.
    [Theory]
    [InlineData("virtualmachines/web/expand-spec", 500, 1)]
    [InlineData("virtualmachineinstances/web/guestosinfo", 500, 1)]
    [InlineData("virtualmachineinstances/web/guestosinfo", 503, 6)]
    public async Task WhatVirtApiCannotDoWithAMachineIsNotAskedAgain(string subresource, int code, int requests)
    {
        await StartAsync(context => context.StatusAsync(code, "InternalError", "Internal error occurred: virtualmachineinstancetypes.instancetype.kubevirt.io \"no-such-type\" not found"));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/apis/subresources.kubevirt.io/v1/namespaces/shop/" + subresource, Token));
        Assert.Equal((KubernetesError.ServerError, code), (exception.Error, exception.StatusCode));
        Assert.Equal(requests, Server.Requests.Count);
    }

    [Fact]
    public async Task AFailureNeedsNoReason()
    {
        await StartAsync(context => context.JsonAsync("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax","code":500}""", 500));
        KubernetesException exception = await FailAsync();
        Assert.Equal((KubernetesError.ServerError, ""), (exception.Error, exception.Status!.Reason));
        Assert.Contains("strconv.ParseUint: parsing \"abc\": invalid syntax", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatHasArrivedOfARefusalIsKept()
    {
        await StartAsync(context => context.JsonAsync("{}"));
        using ApiTransport transport = new(Client.Connection, Clients.Quick);
        using AnswerReader cut = new(transport, new CutStream("the volume is not there, and"u8.ToArray()), Token);
        Assert.Equal("the volume is not there, and"u8.ToArray(), await cut.ReadStartAsync(100));
        using AnswerReader longer = new(transport, new MemoryStream(new byte[100_000]), Token);
        Assert.Equal(70_000, (await longer.ReadStartAsync(70_000)).Length);
    }

    private async Task<KubernetesException> FailAsync() => await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync(Machines, Token));

    private async Task StartAsync(Func<HttpContext, Task> answer, string? other = null)
    {
        Server = await FakeApiServer.StartAsync(answer);
        Client = other is null
            ? Clients.ByToken(Server, Folder)
            : new KubernetesClient(Clients.ByUser(Folder, Server.Address, $"token: the-token\nas: {other}"), Clients.Library, Clients.Quick);
    }

    /// <summary>A connection that breaks after some bytes.</summary>
    private sealed class CutStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and int count ? count : throw new IOException("reset");
    }
}
