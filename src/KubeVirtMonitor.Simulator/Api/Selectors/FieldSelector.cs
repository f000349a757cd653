using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A field selector: <c>metadata.name=a,status.phase!=b</c>, over the fields that the resource allows.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string Field, bool Wanted, string Value)> _terms = [];

    private FieldSelector()
    {
    }

    public bool IsEmpty => _terms.Count == 0;

    /// <summary>The name that is asked for, when it is the only thing that is.</summary>
    public string? Name => _terms.Count == 1 && _terms[0] is { Field: "metadata.name", Wanted: true } term ? term.Value : null;

    /// <summary>Reads a selector.</summary>
    /// <exception cref="ApiException">It is none, or it asks for a field that cannot be selected by: 400.</exception>
    public static FieldSelector Parse(string? text, ResourceType type)
    {
        FieldSelector selector = new();
        foreach (string part in Split(text ?? ""))
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw ApiErrors.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            bool negated = part[at - 1] == '!';
            string field = negated ? part[..(at - 1)] : part[..at];
            string value = part[(at + 1)..];
            if (!negated && value.StartsWith('=')) value = value[1..];
            if (field is not ("metadata.name" or "metadata.namespace") && !type.SelectableFields.Contains(field))
                throw ApiErrors.BadRequest($"field label not supported: {field}");
            selector._terms.Add((field, !negated, Plain(value, text!)));
        }

        return selector;
    }

    /// <summary>The terms: what stands between commas, but for those behind a backslash.</summary>
    private static IEnumerable<string> Split(string text)
    {
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '\\') i++;
            else if (i >= text.Length || text[i] == ',')
            {
                if (i > start) yield return text[start..Math.Min(i, text.Length)];
                start = i + 1;
            }
        }
    }

    /// <summary>A value without its backslashes, which stand before commas, equals signs and backslashes that are meant as such.</summary>
    private static string Plain(string value, string whole)
    {
        System.Text.StringBuilder plain = new();
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] is '=' or ',') throw ApiErrors.BadRequest($"invalid field selector: {value}: unescaped character in field selector: {value[i]} in '{whole}'");
            if (value[i] == '\\' && (++i == value.Length || value[i] is not ('\\' or ',' or '='))) throw ApiErrors.BadRequest($"invalid field selector: invalid escape sequence: \\{(i < value.Length ? value[i] : "")} in '{whole}'");
            plain.Append(value[i]);
        }

        return plain.ToString();
    }

    public bool Matches(ApiObject item)
    {
        JsonDocument? document = null;
        try
        {
            foreach ((string field, bool wanted, string value) in _terms)
            {
                string actual = field switch
                {
                    "metadata.name" => item.Name,
                    "metadata.namespace" => item.Namespace ?? "",
                    _ => CellValues.Text((document ??= JsonDocument.Parse(item.Body)).RootElement, field) ?? "",
                };
                if ((actual == value) != wanted) return false;
            }

            return true;
        }
        finally
        {
            document?.Dispose();
        }
    }
}
