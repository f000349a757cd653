using System.Text;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class IdentityOptionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Extra_headers_go_before_headers()
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        await Configured.ScrapeAsync(server, "headers: {X-One: a, X-Two: b}\nextra_headers: {x-two: c}");

        ReceivedRequest request = Assert.Single(server.Requests);
        Assert.Equal(("a", "c"), (request["X-One"], request["X-Two"]));
    }

    [Theory]
    [InlineData("username: me\npassword: pässword-1", "me:pässword-1")]
    [InlineData("auth_type: basic\nusername: me\npassword: secret-1", "me:secret-1")]
    public async Task User_and_password_are_sent_as_basic_authentication(string options, string sent)
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        Assert.Empty((await Configured.ScrapeAsync(server, options)).Warnings);

        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(sent)), Assert.Single(server.Requests)["Authorization"]);
    }

    [Theory]
    [InlineData("auth_type: ntlm\nusername: me\npassword: secret-1", "auth_type: ntlm is not applied")]
    [InlineData("username: me", "only sent together")]
    [InlineData("auth_token: {reader: {type: oauth}, writer: {type: header}}", "auth_token.reader is not applied")]
    public async Task What_cannot_be_sent_is_told_and_nothing_is_sent(string options, string warning)
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        Assert.Contains(warning, Assert.Single((await Configured.ScrapeAsync(server, options)).Warnings), StringComparison.Ordinal);

        Assert.Null(Assert.Single(server.Requests)["Authorization"]);
    }

    [Theory]
    [InlineData("reader: {type: file, path: TOKEN}, writer: {type: header}", "Authorization", "Bearer id=abc-123;x")]
    [InlineData("reader: {type: file, path: TOKEN, pattern: 'id=([^;]+)'}, writer: {type: header}", "Authorization", "Bearer abc-123")]
    [InlineData("reader: {type: file, path: TOKEN, pattern: 'id=([^;]+)'}, writer: {type: header, name: X-Token, value: 'Key <SECRET>!', placeholder: <SECRET>}", "X-Token", "Key abc-123!")]
    public async Task A_token_is_read_from_a_file_and_written_into_a_header(string auth, string header, string value)
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);
        string file = _folder.Write("token", "id=abc-123;x\n");

        Configured got = await Configured.ScrapeAsync(server, $"auth_token: {{{auth.Replace("TOKEN}", file + "}", StringComparison.Ordinal).Replace("TOKEN,", file + ",", StringComparison.Ordinal)}}}");

        Assert.Equal(3, got.Samples.Count);
        Assert.Equal(value, Assert.Single(server.Requests)[header]);
    }

    [Fact]
    public async Task A_token_never_shows_in_what_the_server_says()
    {
        await using LoopbackServer server = new(request => Reply.Error(500, "Bad", $"no {request["X-Token"]} and no abc-123"));
        string file = _folder.Write("token", "abc-123");

        Configured got = await Configured.ScrapeAsync(server, $"auth_token: {{reader: {{type: file, path: {file}}}, writer: {{type: header, name: X-Token, value: 'Key <TOKEN>'}}}}");

        Assert.DoesNotContain("abc-123", got.Error!.ToString(), StringComparison.Ordinal);
        Assert.Contains("[redacted]", got.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auth_token: {reader: {type: file, path: TOKEN}, writer: {type: header}}")]
    [InlineData("auth_token: {reader: {type: file, path: TOKEN}, writer: {type: header, name: X-Token, value: <TOKEN>}}")]
    [InlineData("username: me\npassword: abc-123")]
    [InlineData("headers: {Authorization: 'Bearer abc-123'}")]
    public void No_secret_goes_unencrypted_to_another_machine(string options)
    {
        string file = _folder.Write("token", "abc-123");
        string indented = options.Replace("path: TOKEN", "path: " + file, StringComparison.Ordinal).Replace("\n", "\n  ", StringComparison.Ordinal);

        ScrapeException error = Assert.Single(Configured.Load($"instances:\n- openmetrics_endpoint: http://192.0.2.1:8080/metrics\n  {indented}\n").Errors);

        Assert.Contains("would be sent over the network unencrypted", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc-123", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reader: {type: file, path: none}, writer: {type: header}", "auth_token.reader.path: the file '")]
    [InlineData("reader: {type: file, path: TOKEN, pattern: zzz}, writer: {type: header}", "auth_token.reader.pattern: it finds no token")]
    [InlineData("reader: {type: file, path: TOKEN}, writer: {type: header, value: plain}", "auth_token.writer.value: it lacks the placeholder")]
    [InlineData("reader: {type: file, path: TOKEN}", "auth_token.writer: it is missing")]
    public void A_token_that_cannot_be_read_is_an_error_of_its_instance(string auth, string message)
    {
        string file = _folder.Write("token", "abc-123");
        string written = auth.Replace("path: TOKEN", "path: " + file, StringComparison.Ordinal);

        ScrapeException error = Assert.Single(Configured.Load($"instances:\n- openmetrics_endpoint: https://192.0.2.1/metrics\n  auth_token: {{{written}}}\n").Errors);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc-123", error.Message, StringComparison.Ordinal);
    }
}
