namespace KubeVirtMonitor;

/// <summary>The base of all errors that are caused by the environment or by the request. It contains facts, and no secrets.</summary>
/// <remarks>
/// Nobody has to take a message apart: the cause is <see cref="Id"/>, and what was read of the outside is in properties. What a caller can do by its own
/// settings only the caller can say, since only it knows what it calls them; <see cref="Setting"/> tells which one matters. What is to be done
/// outside, in a cluster or in a file, is the same whoever asks, and is in <see cref="Advice"/> from the beginning.
/// </remarks>
public abstract class MonitorException : Exception
{
    private protected MonitorException(string target, string what, string advice, Exception? inner)
        : base(null, inner)
    {
        Target = target;
        What = what;
        Advice = advice;
    }

    /// <summary>One stable name per cause: the id of error records.</summary>
    public abstract string Id { get; }

    /// <summary>What it is about: an address without user information, a file, a <see cref="KubeVirtMonitor.Setting"/>; empty where <see cref="What"/> names it.</summary>
    public string Target { get; }

    /// <summary>What happened, as a sentence without its full stop, without target and advice.</summary>
    public string What { get; }

    /// <summary>What to do, as whole sentences: outside, or in the words of a caller that has added its own; may be empty.</summary>
    public string Advice { get; }

    /// <summary>The setting of the caller that this hangs on; null where none would change it.</summary>
    public Setting? Setting { get; internal init; }

    /// <summary>Target and what happened, as a sentence.</summary>
    public string Fact => Target.Length == 0 ? $"{What}." : $"{Target}: {What}.";

    /// <summary><see cref="Fact"/>, and <see cref="Advice"/> where there is one.</summary>
    public override string Message => Advice.Length == 0 ? Fact : $"{Fact} {Advice}";
}
