using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The patches, each beside the result that its specification gives.</summary>
public class PatchTests
{
    // The cases of appendix A of RFC 7386 that change an object.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Merge(string target, string patch, string expected)
    {
        JsonObject result = Parse(target);
        MergePatch.Apply(result, Parse(patch));
        Same(expected, result);
    }

    // Cases of appendix A of RFC 6902.
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc","def"]}]""", """{"foo":["bar",["abc","def"]]}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10}]""", """{"/":9,"~1":10}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}]""", """{"a":{"b":1},"c":{"b":2}}""")]
    public void Json(string target, string patch, string expected) => Same(expected, JsonPatch.Apply(Parse(target), (JsonArray)JsonNode.Parse(patch)!));

    [Theory]
    [InlineData("""[{"op":"test","path":"/baz","value":"bar"}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData("""[{"op":"add","path":"/no/such","value":1}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData("""[{"op":"remove","path":"/none"}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData("""[{"op":"jump","path":"/baz"}]""", 400, "unknown operation 'jump'")]
    [InlineData("""[{"op":"add","path":"/baz"}]""", 400, "needs a value")]
    [InlineData("""[{"path":"/baz"}]""", 400, "needs op and path")]
    public void Json_patches_that_fail_leave_the_object_alone(string patch, int code, string message)
    {
        JsonObject target = Parse("""{"baz":"qux"}""");
        ApiException failure = Assert.Throws<ApiException>(() => JsonPatch.Apply(target, (JsonArray)JsonNode.Parse("[{\"op\":\"add\",\"path\":\"/x\",\"value\":1}," + patch[1..])!));
        Assert.Equal(code, failure.Status.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Same("""{"baz":"qux"}""", target);
    }

    // The rules of strategic merge patches, from the notes of the Kubernetes API conventions.
    [Theory]
    [InlineData("""{"containers":[{"name":"b","image":"2"},{"name":"c","image":"3"}]}""", """{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c","image":"3"}]}""")]
    [InlineData("""{"containers":[{"name":"a","$patch":"delete"},{"name":"b","image":"2"}]}""", """{"containers":[{"name":"b","image":"2"}]}""")]
    [InlineData("""{"containers":[{"$patch":"replace"},{"name":"b"}]}""", """{"containers":[{"name":"b"}]}""")]
    [InlineData("""{"containers":[{"name":"b"}],"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b"},{"name":"a","image":"1"}]}""")]
    [InlineData("""{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}""", """{"containers":[{"name":"a","image":"1","ports":[{"containerPort":80}]}]}""")]
    [InlineData("""{"containers":null}""", "{}")]
    [InlineData("""{"containers":[{"name":"a","image":null}]}""", """{"containers":[{"name":"a"}]}""")]
    public void Strategic(string patch, string expected)
    {
        JsonObject target = Parse("""{"containers":[{"name":"a","image":"1"}]}""");
        new StrategicPatch("Pod").Apply(target, Parse(patch));
        Same(expected, target);
    }

    [Theory]
    [InlineData("""{"a":{"$patch":"replace","z":1}}""", """{"a":{"z":1},"finalizers":["x","y"],"rules":[1,2]}""")]
    [InlineData("""{"a":{"$patch":"delete"}}""", """{"finalizers":["x","y"],"rules":[1,2]}""")]
    [InlineData("""{"a":{"$retainKeys":["c"],"c":3}}""", """{"a":{"c":3},"finalizers":["x","y"],"rules":[1,2]}""")]
    [InlineData("""{"finalizers":["y","z"]}""", """{"a":{"b":1,"c":2},"finalizers":["x","y","z"],"rules":[1,2]}""")]
    [InlineData("""{"$deleteFromPrimitiveList/finalizers":["x"]}""", """{"a":{"b":1,"c":2},"finalizers":["y"],"rules":[1,2]}""")]
    [InlineData("""{"rules":[3]}""", """{"a":{"b":1,"c":2},"finalizers":["x","y"],"rules":[3]}""")]
    public void Strategic_directives(string patch, string expected)
    {
        JsonObject target = Parse("""{"a":{"b":1,"c":2},"finalizers":["x","y"],"rules":[1,2]}""");
        new StrategicPatch("ClusterRole").Apply(target, Parse(patch));
        Same(expected, target);
    }

    [Fact]
    public void A_merging_list_needs_its_key()
    {
        ApiException failure = Assert.Throws<ApiException>(() => new StrategicPatch("Pod").Apply(Parse("{}"), Parse("""{"containers":[{"image":"x"}]}""")));
        Assert.Equal("map: {\"image\":\"x\"} does not contain declared merge key: name", failure.Message);
    }

    private static JsonObject Parse(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static void Same(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, but it is {actual.ToJsonString()}.");
}
