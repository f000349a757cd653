using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Probes;

/// <summary>The objects with probes of a cluster.</summary>
internal static class LiveManifests
{
    /// <summary>Lists machines or instances page by page.</summary>
    /// <param name="machines">VirtualMachines; false = VirtualMachineInstances.</param>
    /// <param name="options">Which objects; null = all objects in all namespaces.</param>
    /// <exception cref="KubernetesException">While enumerating: they may not be listed.</exception>
    public static async IAsyncEnumerable<VmiManifest> ListAsync(KubeVirtSession session, bool machines, ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ManifestKind kind = machines ? ManifestKind.Machine : ManifestKind.Instance;
        await foreach (VmiManifest found in session.Client.ListAsync(TypeOf(machines), ObjectLists.Named(kind.Name, json => Of(JsonText.Parse(json), kind, session)), options, cancellationToken).ConfigureAwait(false))
            yield return found;
    }

    /// <summary>Reads a machine or an instance.</summary>
    /// <param name="machine">A VirtualMachine; false = a VirtualMachineInstance.</param>
    /// <param name="uid">The unique id of the object that is meant; null = whichever has the name.</param>
    /// <exception cref="KubernetesException">It is not there, may not be read, or is another than the one that is meant.</exception>
    public static async Task<VmiManifest> GetAsync(KubeVirtSession session, bool machine, string inNamespace, string name, string? uid = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ManifestKind kind = machine ? ManifestKind.Machine : ManifestKind.Instance;
        try
        {
            VmiManifest found = Of(await session.Client.GetAsync(TypeOf(machine).PathOf(inNamespace, name), cancellationToken).ConfigureAwait(false), kind, session);
            ObjectIdentity.Check(found.Root, uid, ObjectIdentity.Unchanged, kind.Name);
            return found;
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound && uid is not null)
        {
            throw exception.With($"{kind.Name} {inNamespace}/{name} no longer exists: it was deleted after it had been listed", "List the objects again.");
        }
    }

    /// <summary>The object as it would be with a probe set or removed. The one that is given stays as it is.</summary>
    /// <param name="role">Which probe.</param>
    /// <param name="probe">The probe; null removes it.</param>
    /// <exception cref="FormatException">The object has no instance's spec.</exception>
    public static VmiManifest With(VmiManifest manifest, ProbeRole role, VmiProbe? probe)
    {
        VmiManifest copy = Of(manifest.Root.DeepClone(), manifest.ManifestKind, manifest.Session);
        if (copy.InstanceSpec is not { } spec) throw new FormatException($"{manifest.SpecPath} is missing");
        if (probe is null) spec.Remove(ProbeFields.Of(role));
        else spec[ProbeFields.Of(role)] = ProbeWriter.Write(probe);
        return copy;
    }

    /// <summary>
    /// Sets or removes a probe of a VirtualMachine. The whole probe is replaced, and nothing else of the object is sent. The server makes the change only where the
    /// object still is the one that was read, and not another of its name.
    /// </summary>
    /// <param name="machine">The VirtualMachine, as it was read.</param>
    /// <param name="role">Which probe.</param>
    /// <param name="probe">The probe; null removes it.</param>
    /// <returns>The VirtualMachine after the change.</returns>
    /// <exception cref="KubernetesException">The server refuses, or there is another object of the name by now.</exception>
    public static async Task<VmiManifest> SetProbeAsync(KubeVirtSession session, VmiManifest machine, ProbeRole role, VmiProbe? probe, CancellationToken cancellationToken = default)
    {
        if (machine.ManifestKind != ManifestKind.Machine)
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"the probes of a {machine.Kind} cannot be changed while it exists", "Change the probes of its VirtualMachine; they take effect at its next start.");
        if (probe is null && machine.InstanceSpec?.ContainsKey(ProbeFields.Of(role)) != true) return machine;
        // A merge patch would leave the old handler beside the new one.
        JsonObject operation = new() { ["op"] = probe is null ? "remove" : "add", ["path"] = $"/{machine.SpecPath.Replace('.', '/')}/{ProbeFields.Of(role)}" };
        if (probe is not null) operation["value"] = ProbeWriter.Write(probe);
        JsonArray patch = machine.Uid is null ? [operation] : [new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = machine.Uid }, operation];
        try
        {
            JsonNode? changed = await session.Client.PatchAsync(
                KubeVirtResources.VirtualMachines.PathOf(machine.Namespace, machine.Name), PatchKind.Json, patch, new WriteOptions { FieldValidation = "Strict" }, cancellationToken).ConfigureAwait(false);
            return Of(changed, ManifestKind.Machine, session);
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.Invalid or KubernetesError.NotFound && machine.Uid is not null)
        {
            // The server's answer does not say which operation failed.
            await GetAsync(session, machine: true, machine.Namespace!, machine.Name!, machine.Uid, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether the machine has an instance, which keeps the probes it was started with.</summary>
    public static bool HasInstance(VmiManifest machine)
    {
        JsonObject? status = machine.Root["status"] as JsonObject;
        return JsonText.Is(status?["created"], true) || JsonText.Of(status?["printableStatus"]) is "Starting" or "Running" or "Paused" or "Migrating" or "Stopping";
    }

    /// <summary>Whether the guest agent of an instance is connected; null for a machine, which does not say.</summary>
    public static bool? AgentConnected(VmiManifest manifest) =>
        manifest.ManifestKind != ManifestKind.Instance || manifest.Root["status"] is not JsonObject status ? null
            : (status["conditions"] as JsonArray ?? []).OfType<JsonObject>().Any(one => JsonText.Of(one["type"]) == "AgentConnected" && JsonText.Of(one["status"]) == "True");

    private static ResourceType TypeOf(bool machines) => machines ? KubeVirtResources.VirtualMachines : KubeVirtResources.Instances;

    private static VmiManifest Of(JsonNode? node, ManifestKind kind, KubeVirtSession? session) =>
        VmiManifest.Of(node, kind.Name, session: session) ?? throw new FormatException($"this is not a {kind.Name}");
}
