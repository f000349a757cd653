using System.Globalization;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Guest agent ping and exec, as KubeVirt configures them for kubelet: the command <c>virt-probe</c> in the container <c>compute</c> of the launcher pod.</summary>
internal static class LauncherRunner
{
    private const int MostOutput = 10 * 1024;

    /// <summary>The command that KubeVirt puts on the pod.</summary>
    /// <exception cref="ArgumentException">An exec probe without a command.</exception>
    public static IReadOnlyList<string> Command(VmiProbe probe, string inNamespace, string name)
    {
        if (probe.Kind == ProbeKind.Exec && probe.Command.Count == 0) throw new ArgumentException("The exec probe has no command.", nameof(probe));
        // KubeVirt wraps no command that is virt-probe already.
        if (probe.Kind == ProbeKind.Exec && probe.Command[0] == "virt-probe") return probe.Command;
        string timeout = probe.TimeoutSeconds.ToString(CultureInfo.InvariantCulture);
        string[] head = ["virt-probe", "--domainName", $"{inNamespace}_{name}", "--timeoutSeconds", timeout];
        return probe.Kind == ProbeKind.GuestAgentPing ? [.. head, "--guestAgentPing"] : [.. head, "--command", probe.Command[0], "--", .. probe.Command.Skip(1)];
    }

    /// <summary>Runs it. The time counts from when the command has started.</summary>
    /// <exception cref="KubernetesException">The command could not be started, or the connection broke.</exception>
    public static async Task<ProbeAttempt> RunAsync(KubeVirtSession session, VmiProbe probe, string inNamespace, string name, string pod, TimeSpan timeout, CancellationToken cancellationToken)
    {
        PodExecRequest request = new() { Namespace = inNamespace, Pod = pod, Container = "compute", Command = Command(probe, inNamespace, name) };
        PodExecSession running = await session.Client.ExecAsync(request, cancellationToken).ConfigureAwait(false);
        await using (running.ConfigureAwait(false))
        {
            using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limited.CancelAfter(ProbeText.Waitable(timeout));
            try
            {
                return Judge(probe, ProbeText.Foreign(session, probe), await running.ToResultAsync(MostOutput, limited.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new ProbeAttempt { Outcome = ProbeOutcome.Timeout, Message = $"virt-probe did not end within {ProbeText.Seconds(timeout)}" };
            }
        }
    }

    private static ProbeAttempt Judge(VmiProbe probe, ForeignText foreign, PodExecResult result)
    {
        string written = foreign.Line(result.Output.Length > 0 ? result.Output : result.ErrorText);
        string plain = result.ExitCode == 0
            ? probe.Kind == ProbeKind.GuestAgentPing ? "the guest agent answered" : "exit code 0"
            : string.Create(CultureInfo.InvariantCulture, $"virt-probe ended with exit code {result.ExitCode}");
        return new ProbeAttempt
        {
            Outcome = result.ExitCode == 0 ? ProbeOutcome.Success : ProbeOutcome.Failure,
            Message = written.Length == 0 ? plain : result.ExitCode == 0 ? written : $"{plain}: {written}",
            ExitCode = result.ExitCode,
            Bytes = Encoding.UTF8.GetByteCount(result.Output),
        };
    }
}
