namespace KubeVirtMonitor;

/// <summary>Makes an object of what it needs from one item of a list. Called while the list is still arriving.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="item">The item: one JSON object, UTF-8, valid during the call only. Read it with <see cref="JsonCursor"/>.</param>
public delegate T JsonProjection<out T>(ReadOnlySpan<byte> item);
