using KubeVirtMonitor.Tests.Surface.Architecture.Samples;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>That the checker sees every way in which one type can use another, on types made for it.</summary>
public sealed class RoomRulesTests
{
    private static readonly CompiledAssembly Here = CompiledAssembly.Load(typeof(RoomRulesTests).Assembly.Location);

    public static TheoryData<Type> Violators => [.. typeof(Upstream).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(Upstream).Namespace && !type.IsNested && type.Name.StartsWith("Knows", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Violators))]
    public void AUseOfARoomThatMayNotBeKnownIsSeen(Type violator)
    {
        // The same two types, once with the rules against the use and once with them for it.
        Assert.Contains($"{violator.FullName} (Exposition) uses {typeof(Upstream).FullName} (Mapping).", Check(violator, "Exposition", "Mapping"));
        Assert.DoesNotContain(Check(violator, "Mapping", "Exposition"), line => line.Contains(" uses ", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryWayHasItsSample() => Assert.True(Violators.Count >= 15);

    [Fact]
    public void ATypeThatKnowsNobodyIsLeftInPeace() =>
        Assert.DoesNotContain(Check(typeof(Hermit), "Exposition", "Mapping"), line => line.Contains(nameof(Hermit), StringComparison.Ordinal));

    [Theory]
    [InlineData(typeof(ReadsJsonByLocal), "System.Text.Json.JsonDocument")]
    [InlineData(typeof(ReadsJsonByLocal), "System.Text.Json.JsonElement")]
    [InlineData(typeof(ReadsJsonByParameter), "System.Text.Json.JsonElement")]
    [InlineData(typeof(ReadsJsonInALambda), "System.Text.Json.JsonElement")]
    [InlineData(typeof(ReadsJsonByToken), "System.Text.Json.Utf8JsonReader")]
    public void ACallOfAMemberOfATypeOfAnotherAssemblyIsSeen(Type user, string used)
    {
        Assert.Contains(new TypeUse(user.FullName!, used), Here.ForeignMembers);
        Assert.DoesNotContain(new TypeUse(typeof(LetsJsonPass).FullName!, used), Here.ForeignMembers);
        Assert.Contains(new TypeUse(typeof(ReadsJsonByLocal).FullName!, "System.Text.Json.JsonDocument.Parse"), Here.ForeignCalls);
    }

    [Fact]
    public void OfARoomBehindARoomOnlyThePublicTypesMayBeUsed()
    {
        string[] seen = [.. Check(typeof(KnowsByField), "Scraping", "Catalog").Where(line => line.Contains(" uses ", StringComparison.Ordinal))];
        Assert.Equal([$"{typeof(KnowsByField).FullName} (Scraping) uses {typeof(Upstream).FullName} (Catalog)."], seen);
        Assert.DoesNotContain(Check(typeof(UsesPublicType), "Scraping", "Catalog", typeof(PublicUpstream)), line => line.Contains(" uses ", StringComparison.Ordinal));
    }

    [Fact]
    public void ATypeWithoutARoomIsNamed()
    {
        var lines = RoomRules.Violations(Here, new RoomMap([new(typeof(Upstream).FullName!, "Attic")]), RoomRules.Knows);
        Assert.Contains($"{typeof(Upstream).FullName} lives in 'Attic', which is not one of the rooms.", lines);
        Assert.Contains($"{typeof(Hermit).FullName} lives in no source file, which is not one of the rooms.", lines);
    }

    [Theory]
    [InlineData("namespace N.M;\n\npublic sealed class Table<TKey, TValue> : X\n{\n    private enum Inner { A }\n}\n", "N.M.Table`2")]
    [InlineData("namespace N;\ninternal readonly ref struct Reader\n{\n}", "N.Reader")]
    [InlineData("namespace N;\npublic readonly record struct Pair(int A);\n", "N.Pair")]
    [InlineData("namespace N;\npublic sealed record Pair(int A);\n", "N.Pair")]
    [InlineData("namespace N;\npublic delegate void Taker<T>(T value);\n", "N.Taker`1")]
    [InlineData("namespace N;\npublic delegate ReadOnlySpan<byte> Giver(int count);\n", "N.Giver")]
    [InlineData("namespace N;\ninternal static unsafe partial class Scan\n{\n}", "N.Scan")]
    public void DeclarationsAreReadFromSource(string source, string name) => Assert.Equal([name], RoomMap.DeclaredTypes(source));

    private static IReadOnlyList<string> Check(Type user, string room, string upstreamRoom, Type? upstream = null) =>
        RoomRules.Violations(
            Here,
            new RoomMap([new(user.FullName!, room), new((upstream ?? typeof(Upstream)).FullName!, upstreamRoom)]),
            RoomRules.Knows);
}
