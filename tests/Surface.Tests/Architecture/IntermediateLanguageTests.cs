using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>That the walk through method bodies keeps its step, on the largest assembly at hand.</summary>
public sealed class IntermediateLanguageTests
{
    [Fact]
    public void EveryTokenOfTheFrameworksCoreIsARowOfItsTable()
    {
        using var image = new PEReader(File.OpenRead(typeof(object).Assembly.Location));
        var metadata = image.GetMetadataReader();
        var seen = 0;
        foreach (var method in metadata.MethodDefinitions.Select(metadata.GetMethodDefinition))
        {
            if (method.RelativeVirtualAddress == 0)
                continue;
            foreach (var token in IntermediateLanguage.Tokens(image.GetMethodBody(method.RelativeVirtualAddress).GetILReader()))
            {
                var handle = MetadataTokens.EntityHandle(token);
                Assert.True(MetadataTokens.TryGetTableIndex(handle.Kind, out var table), $"{token:x8}");
                Assert.InRange(MetadataTokens.GetRowNumber(handle), 1, metadata.GetTableRowCount(table));
                seen++;
            }
        }
        Assert.True(seen > 100_000, $"Only {seen} tokens: was it the reference assembly?");
    }
}
