using System.Management.Automation;
using System.Reflection;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Cmdlets;

/// <summary>Names and declarations that PowerShell people expect of cmdlets.</summary>
public sealed class CmdletTests
{
    private static readonly string[] ApprovedVerbs =
    [
        .. new[] { typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetRawConstantValue()!),
    ];

    // Verbs that change something outside the session, and those that only look, wait or make objects. A new verb has to be put in one.
    private static readonly string[] Changing = ["Export", "Install", "Remove", "Send", "Set", "Uninstall", "Update"];
    private static readonly string[] Harmless = ["Compare", "Connect", "ConvertFrom", "ConvertTo", "Disconnect", "Find", "Get", "Import", "Invoke", "Measure", "New", "Select", "Show", "Test", "Wait", "Watch"];

    public static TheoryData<string> Names => [.. CmdletClass.All.Select(cmdlet => cmdlet.Name)];

    [Fact]
    public void WhatIsLookedAtIsWhatIsStaged() => Assert.Equal(
        File.ReadAllBytes(Path.Combine(Repository.Staged, "KubeVirtMonitor.dll")),
        File.ReadAllBytes(CmdletClass.Assembly.Location));

    [Theory]
    [MemberData(nameof(Names))]
    public void TheVerbIsApproved(string name) => Assert.Contains(Get(name).Verb, ApprovedVerbs);

    [Theory]
    [MemberData(nameof(Names))]
    public void TheNounIsSingularAndTellsItsField(string name)
    {
        var noun = Get(name).Noun;
        Assert.Matches("^(KubeVirt([A-Z]|$)|Vmi)", noun);
        Assert.False(noun.EndsWith('s') && !noun.EndsWith("ss", StringComparison.Ordinal) && !noun.EndsWith("us", StringComparison.Ordinal), $"{noun} is a plural.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheClassIsNamedAfterTheCmdletAndSealed(string name)
    {
        var cmdlet = Get(name);
        Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Type.Name);
        Assert.True(cmdlet.Type.IsSealed);
        Assert.Contains(Repository.TextFiles, file => file == $"src/KubeVirtMonitor/Commands/{cmdlet.Type.Name}.cs");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheOutputIsDeclared(string name) => Assert.True(Get(name).HasOutputType, $"{name} has no [OutputType].");

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatChangesSomethingAsksAndNothingElseDoes(string name)
    {
        var cmdlet = Get(name);
        Assert.True(Changing.Contains(cmdlet.Verb) != Harmless.Contains(cmdlet.Verb), $"Say in this test whether {cmdlet.Verb} changes anything.");
        Assert.Equal(Changing.Contains(cmdlet.Verb), cmdlet.SupportsShouldProcess);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NoParameterTakesANameOfPowerShellsOwn(string name)
    {
        string[] common = ["Verbose", "Debug", "ErrorAction", "WarningAction", "InformationAction", "ProgressAction", "ErrorVariable", "WarningVariable",
            "InformationVariable", "OutVariable", "OutBuffer", "PipelineVariable", "WhatIf", "Confirm", "vb", "db", "ea", "wa", "infa", "proga", "ev", "wv", "iv", "ov", "ob", "pv", "wi", "cf"];
        var taken = Get(name).Parameters.SelectMany(parameter => parameter.Aliases.Append(parameter.Name));
        Expect.None(taken.Where(taken => common.Contains(taken, StringComparer.OrdinalIgnoreCase)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NamesOfParametersAndAliasesAreUnique(string name)
    {
        var names = Get(name).Parameters.SelectMany(parameter => parameter.Aliases.Append(parameter.Name));
        Expect.None(names.GroupBy(text => text, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    private static CmdletClass Get(string name) => CmdletClass.All.Single(cmdlet => cmdlet.Name == name);
}
