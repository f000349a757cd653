using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>The lines cmd.exe is given for plugins that are batch files. The escaping is that of Rust's standard library (library/std/src/sys/args/windows.rs).</summary>
public sealed class BatchCommandLineTests
{
    private const string Start = """/e:ON /v:OFF /d /c ""C:\Program Files\plug.cmd" """;

    [Theory]
    [InlineData("get-token", "get-token")]
    [InlineData("--server=https://api:6443/", "\"--server=https://api:6443/\"")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a&calc", "\"a&calc\"")]
    [InlineData("a|b<c>d^e", "\"a|b<c>d^e\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("a\"&calc\"b", "\"a\"\"&calc\"\"b\"")]
    [InlineData(@"C:\dir\", "\"C:\\dir\\\\\"")]
    [InlineData("back\\\"slash", "\"back\\\\\"\"slash\"")]
    [InlineData("%PATH%", "\"%%cd:~,%PATH%%cd:~,%\"")]
    public void AnArgumentArrivesAsItIs(string argument, string written) =>
        Assert.Equal(Start + written + '"', BatchCommandLine.Of(@"C:\Program Files\plug.cmd", [argument]));

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    public void WhatNoLineCanCarryIsRefused(string argument) =>
        Assert.Throws<ArgumentException>(() => BatchCommandLine.Of(@"C:\plug.cmd", [argument]));

    [Theory]
    [InlineData(@"C:\a.CMD", true)]
    [InlineData("C:/a.bat", true)]
    [InlineData(@"C:\a.exe", false)]
    [InlineData(@"C:\cmd", false)]
    public void OnlyBatchFilesNeedIt(string path, bool isBatch) => Assert.Equal(isBatch, BatchCommandLine.IsBatch(path));
}
