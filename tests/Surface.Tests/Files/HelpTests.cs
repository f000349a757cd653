using System.Xml.Linq;
using KubeVirtMonitor.Tests.Surface.Cmdlets;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Files;

/// <summary>The MAML help describes every cmdlet and every parameter, and nothing that isn't there.</summary>
public sealed class HelpTests
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly XElement[] Topics =
    [
        .. XDocument.Load(Path.Combine(Repository.Staged, "en-US", "KubeVirtMonitor.dll-Help.xml")).Root!.Elements(Command + "command"),
    ];

    public static IEnumerable<TheoryDataRow<string>> Names => CmdletClass.All.Select(cmdlet => new TheoryDataRow<string>(cmdlet.Name));

    [Fact]
    public void ThereIsOneTopicForEachCmdlet() =>
        Assert.Equal(CmdletClass.All.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), Topics.Select(Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void TheTopicHasASynopsisAndADescription(string name)
    {
        var topic = Topic(name);
        Assert.NotEmpty(Text(topic.Element(Command + "details")!.Element(Maml + "description")));
        Assert.NotEmpty(Text(topic.Element(Maml + "description")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryParameterIsDescribed(string name)
    {
        var described = Topic(name).Element(Command + "parameters")?.Elements(Command + "parameter")
            .Where(parameter => Text(parameter.Element(Maml + "description")).Length > 0)
            .Select(parameter => parameter.Element(Maml + "name")!.Value) ?? [];
        Assert.Equal(Parameters(name).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSyntaxHasEveryParameter(string name)
    {
        var shown = Topic(name).Element(Command + "syntax")?.Descendants(Command + "parameter")
            .Select(parameter => parameter.Element(Maml + "name")!.Value)
            .Distinct() ?? [];
        Assert.Equal(Parameters(name).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnExampleShowsTheCmdlet(string name)
    {
        var code = Topic(name).Element(Command + "examples")?.Elements(Command + "example")
            .Select(example => Text(example.Element(Dev + "code"))) ?? [];
        Assert.Contains(code, text => text.Contains(name, StringComparison.Ordinal));
        Assert.DoesNotContain(code, text => text.Length == 0);
    }

    private static string Name(XElement topic) => Text(topic.Element(Command + "details")!.Element(Command + "name"));

    private static XElement Topic(string name) => Assert.Single(Topics, topic => Name(topic) == name);

    private static string Text(XElement? element) => element?.Value.Trim() ?? string.Empty;

    private static IEnumerable<string> Parameters(string name)
    {
        var cmdlet = CmdletClass.All.Single(cmdlet => cmdlet.Name == name);
        return cmdlet.Parameters.Select(parameter => parameter.Name).Concat(cmdlet.SupportsShouldProcess ? ["Confirm", "WhatIf"] : []);
    }
}
