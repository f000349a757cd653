using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Simulator.Api;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Who is let in, and how a refusal is worded. The words are those of a real API server 1.32.</summary>
public class StatusTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("list", "/apis/kubevirt.io/v1/virtualmachines", "virtualmachines.kubevirt.io is forbidden: User \"nobody\" cannot list resource \"virtualmachines\" in API group \"kubevirt.io\" at the cluster scope")]
    [InlineData("get", "/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines/vm-00000", "virtualmachines.kubevirt.io \"vm-00000\" is forbidden: User \"nobody\" cannot get resource \"virtualmachines\" in API group \"kubevirt.io\" in the namespace \"ns0\"")]
    [InlineData("list", "/api/v1/namespaces/ns0/pods", "pods is forbidden: User \"nobody\" cannot list resource \"pods\" in API group \"\" in the namespace \"ns0\"")]
    [InlineData("watch", "/api/v1/pods?watch=1", "pods is forbidden: User \"nobody\" cannot watch resource \"pods\" in API group \"\" at the cluster scope")]
    [InlineData("proxy", "/api/v1/namespaces/ns0/pods/https:a:1/proxy/metrics", "pods \"https:a:1\" is forbidden: User \"nobody\" cannot get resource \"pods/proxy\" in API group \"\" in the namespace \"ns0\"")]
    [InlineData("path", "/metrics", "forbidden: User \"nobody\" cannot get path \"/metrics\"")]
    public async Task Forbidden(string what, string path, string message)
    {
        ApiReply reply = await cluster.GetAsync(path, token: cluster.Server.Tokens.Issue(new ApiUser("nobody")));
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden", message), (reply.Code, reply.Reason, reply.Message));
        Assert.Equal(("Status", "Failure", "403"), (reply.At("kind"), reply.At("status"), reply.At("code")));
        if (what == "list") Assert.Null(reply.At("details.name"));
        if (what == "get") Assert.Equal(("vm-00000", "kubevirt.io", "virtualmachines"), (reply.At("details.name"), reply.At("details.group"), reply.At("details.kind")));
    }

    [Fact]
    public async Task Refusals_by_verb_resource_and_namespace()
    {
        using IDisposable refusal = cluster.Server.Refuse(new ApiRefusal { User = "token-admin", Verb = "list", Resource = "leases", Namespace = "kubevirt" });
        Assert.Equal(HttpStatusCode.Forbidden, (await cluster.GetAsync("/apis/coordination.k8s.io/v1/namespaces/kubevirt/leases")).Code);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync("/apis/coordination.k8s.io/v1/namespaces/ns0/leases")).Code);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync("/apis/coordination.k8s.io/v1/leases")).Code);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync("/apis/coordination.k8s.io/v1/namespaces/kubevirt/leases/virt-controller")).Code);
    }

    [Fact]
    public async Task Tokens_expire_by_the_clock_of_the_cluster()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        await using ApiCluster own = await ApiCluster.StartAsync(time: time);
        string token = own.Server.Tokens.Issue(new ApiUser("token-admin"), TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/api/v1/nodes", token: token)).Code);
        time.Advance(TimeSpan.FromMinutes(5));
        ApiReply expired = await own.GetAsync("/api/v1/nodes", token: token);
        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized", "401"), (expired.Code, expired.Reason, expired.Message, expired.At("code")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.GetAsync("/healthz", token: "made-up")).Code);
    }

    [Fact]
    public async Task Nobody_in_particular_sees_health_and_version_only()
    {
        using HttpClient client = cluster.Client();
        Assert.Equal("ok", await client.GetStringAsync("/readyz", Cancellation));
        Assert.Contains("\"gitVersion\":\"v1.36.2\"", await client.GetStringAsync("/version", Cancellation), StringComparison.Ordinal);
        using HttpResponseMessage refused = await client.GetAsync("/api", Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("User \\\"system:anonymous\\\" cannot get path \\\"/api\\\"", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_of_the_cluster_are_users_and_others_are_not()
    {
        using X509Certificate2 good = cluster.Server.Certificates.IssueClient(new ApiUser("carol", "system:masters"));
        using HttpClient client = cluster.Client(certificate: good);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/nodes", Cancellation)).StatusCode);
        using X509Certificate2 expired = cluster.Server.Certificates.IssueClient(new ApiUser("carol", "system:masters"), TimeSpan.FromHours(-1));
        using HttpClient late = cluster.Client(certificate: expired);
        Assert.Equal(HttpStatusCode.Unauthorized, (await late.GetAsync("/api/v1/nodes", Cancellation)).StatusCode);
        using ApiCertificates other = new();
        using X509Certificate2 foreign = other.IssueClient(new ApiUser("carol", "system:masters"));
        using HttpClient stranger = cluster.Client(certificate: foreign);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/api/v1/nodes", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Basic_authentication_when_a_password_is_set()
    {
        cluster.Server.AcceptPassword("token-admin", "s3cret");
        using HttpClient client = cluster.Client();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("token-admin:s3cret"u8));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/nodes", Cancellation)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("token-admin:guess"u8));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/nodes", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines/nope", 404, "virtualmachines.kubevirt.io \"nope\" not found")]
    [InlineData("DELETE", "/apis/kubevirt.io/v1/virtualmachines", 405, "the server does not allow this method on the requested resource")]
    [InlineData("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 405, "the server does not allow this method on the requested resource")]
    [InlineData("GET", "/api/v1/namespaces/ns0/pods/nope/exec?command=ls", 404, "pods \"nope\" not found")]
    public async Task Paths_that_lead_nowhere(string method, string path, int code, string message)
    {
        ApiReply reply = await cluster.SendAsync(new HttpMethod(method), path);
        Assert.Equal((code, message), ((int)reply.Code, reply.Message));
    }

    [Fact]
    public async Task A_resource_that_a_group_of_custom_resources_has_not_is_told_in_plain_text()
    {
        ApiReply reply = await cluster.SendAsync(HttpMethod.Get, "/apis/kubevirt.io/v1/namespaces/ns0/unicorns");
        Assert.Equal((404, "404 page not found\n"), ((int)reply.Code, reply.Text));
    }

    [Fact]
    public async Task Groups_and_forms_that_are_not_there()
    {
        ApiReply group = await cluster.GetAsync("/apis/unicorns.example/v1/unicorns");
        Assert.Equal((HttpStatusCode.NotFound, "404 page not found\n"), (group.Code, group.Text));
        Assert.Equal(HttpStatusCode.NotAcceptable, (await cluster.GetAsync("/api/v1/nodes", "application/xml")).Code);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync("/api/v1/nodes", "application/vnd.kubernetes.protobuf,application/json")).Code);
    }

    [Fact]
    public void The_certificate_of_the_server_names_its_addresses()
    {
        X509Certificate2 certificate = cluster.Server.Certificates.Server;
        X509SubjectAlternativeNameExtension names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Contains("kubernetes.default.svc", names.EnumerateDnsNames());
        Assert.Contains("localhost", names.EnumerateDnsNames());
        Assert.Contains(IPAddress.Loopback, names.EnumerateIPAddresses());
    }
}
