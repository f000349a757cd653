using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>Reads method bodies for the metadata tokens in them.</summary>
internal static class IntermediateLanguage
{
    private static readonly Dictionary<ushort, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value, code => code.OperandType);

    /// <summary>Tokens of the types, methods, fields and signatures that the body names.</summary>
    public static IReadOnlyList<int> Tokens(BlobReader body)
    {
        List<int> tokens = [];
        while (body.RemainingBytes > 0)
        {
            ushort code = body.ReadByte();
            if (code == 0xFE)
                code = (ushort)(0xFE00 | body.ReadByte());
            switch (Operands[code])
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineSig:
                    tokens.Add(body.ReadInt32());
                    break;
                case OperandType.InlineSwitch:
                    var targets = body.ReadInt32();
                    body.Offset += 4 * targets;
                    break;
                default:
                    body.Offset += Size(Operands[code]);
                    break;
            }
        }
        return tokens;
    }

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}
