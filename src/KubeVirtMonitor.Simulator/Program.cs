using System.Runtime.InteropServices;
using KubeVirtMonitor.Simulator;

using CancellationTokenSource interrupted = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
return await CommandLine.RunAsync(args, Console.Out, Console.Error, interrupted.Token);

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    interrupted.Cancel();
}
