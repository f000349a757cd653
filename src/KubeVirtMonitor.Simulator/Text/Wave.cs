namespace KubeVirtMonitor.Simulator;

/// <summary>How a value moves with time.</summary>
public enum Wave : byte
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It grows by the same amount every second.</summary>
    Counter,

    /// <summary>It rises for 60 seconds and falls for 60 seconds.</summary>
    Triangle,

    /// <summary>It grows for 85 seconds and begins again.</summary>
    Sawtooth,

    /// <summary>It stays, and is no decimal number of at most 18 digits: the bits of a double.</summary>
    Literal,
}
