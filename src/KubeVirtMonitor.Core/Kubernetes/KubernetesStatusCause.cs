namespace KubeVirtMonitor;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Reason">One word, such as <c>FieldValueInvalid</c>, or <c>ExitCode</c> for a command that failed.</param>
/// <param name="Field">The field, such as <c>spec.running</c>; empty when it is about none.</param>
/// <param name="Message">The server's own sentence.</param>
public sealed record KubernetesStatusCause(string Reason, string Field, string Message);
