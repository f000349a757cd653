using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What an installation of KubeVirt leaves beside its pods: its own resource, the bundle of its authority, its definitions.</summary>
internal static class InstallContent
{
    public static IEnumerable<ApiObject> KubeVirts(ContentContext context, ResourceType type)
    {
        DateTimeOffset since = context.Installed.AddMinutes(2);
        JsonArray conditions = [];
        foreach ((string name, bool status, string reason, string message) in new[]
        {
            ("Created", true, "AllResourcesCreated", "All resources were created."),
            ("Available", true, "AllComponentsReady", "All components are ready."),
            ("Progressing", false, "AllComponentsReady", "All components are ready."),
            ("Degraded", false, "AllComponentsReady", "All components are ready."),
        })
        {
            conditions.Add((JsonNode)Meta.Condition(name, status, since, reason, message));
        }

        JsonObject body = new()
        {
            ["spec"] = new JsonObject
            {
                ["certificateRotateStrategy"] = new JsonObject(),
                ["configuration"] = new JsonObject { ["developerConfiguration"] = new JsonObject { ["featureGates"] = new JsonArray("LiveMigration", "Snapshot") } },
                ["customizeComponents"] = new JsonObject(),
                ["imagePullPolicy"] = "IfNotPresent",
                ["workloadUpdateStrategy"] = new JsonObject(),
            },
            ["status"] = new JsonObject
            {
                ["conditions"] = conditions,
                ["defaultArchitecture"] = "amd64",
                ["observedDeploymentID"] = context.Uid("deployment", context.Tag).ToString("N"),
                ["observedGeneration"] = 1,
                ["observedKubeVirtVersion"] = context.Tag,
                ["operatorVersion"] = context.Tag,
                ["outdatedVirtualMachineInstanceWorkloads"] = context.Cluster.VirtualMachineInstances.Count(vmi => vmi.Outdated),
                ["phase"] = "Deployed",
                ["targetKubeVirtVersion"] = context.Tag,
            },
        };
        bool managed = context.Options.HyperConverged;
        string own = managed ? HyperConvergedOperator.KubeVirtName : "kubevirt";
        Dictionary<string, string>? labels = managed ? HyperConvergedOperator.Labels() : null;
        if (managed) body["spec"] = HyperConvergedOperator.SpecOf(HyperConverged(context));
        yield return context.Make(type, context.Space, own, labels, () =>
        {
            JsonObject metadata = Meta.Of(own, context.Space, context.Uid("kubevirts", own), context.Installed, labels);
            metadata["annotations"] = MachineContent.Observed();
            metadata["finalizers"] = new JsonArray("kubevirt.io/foregroundDeleteKubeVirt");
            if (managed) metadata["ownerReferences"] = new JsonArray(Meta.Owner($"{HyperConvergedOperator.Group}/v1beta1", "HyperConverged", HyperConvergedOperator.Name, context.Uid("hyperconvergeds", HyperConvergedOperator.Name)));
            metadata["generation"] = 1;
            JsonObject whole = new() { ["metadata"] = metadata, ["spec"] = body["spec"]!.DeepClone(), ["status"] = body["status"]!.DeepClone() };
            FieldOwnership.Changed(metadata, null, new JsonObject { ["spec"] = body["spec"]!.DeepClone() }, (managed ? "hyperconverged-cluster-operator" : "kubectl-create", null), type, Meta.Time(context.Installed));
            return whole;
        });
    }

    /// <summary>The resource that KubeVirt is made from, where the HyperConverged operator installed it.</summary>
    public static IEnumerable<ApiObject> HyperConvergeds(ContentContext context, ResourceType type)
    {
        yield return context.Make(type, context.Space, HyperConvergedOperator.Name, null, () =>
        {
            JsonObject whole = HyperConverged(context);
            FieldOwnership.Changed(whole["metadata"]!.AsObject(), null, new JsonObject { ["spec"] = whole["spec"]!.DeepClone() }, ("kubectl-create", null), type, Meta.Time(context.Installed));
            return whole;
        });
    }

    private static JsonObject HyperConverged(ContentContext context)
    {
        JsonObject metadata = Meta.Of(HyperConvergedOperator.Name, context.Space, context.Uid("hyperconvergeds", HyperConvergedOperator.Name), context.Installed);
        metadata["finalizers"] = new JsonArray("kubevirt.io/hyperconverged");
        metadata["generation"] = 1;
        return new JsonObject { ["metadata"] = metadata, ["spec"] = HyperConvergedOperator.Defaults() };
    }

    public static IEnumerable<ApiObject> ConfigMaps(ContentContext context, ResourceType type, string clusterAuthority)
    {
        yield return context.Make(type, context.Space, "kubevirt-ca", new JsonObject { ["data"] = new JsonObject { ["ca-bundle"] = context.Host.CertificateAuthority.Pem } }, new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "virt-operator" });
        foreach (ApiObject space in context.Store["", "namespaces"].List())
        {
            yield return context.Make(type, space.Name, "kube-root-ca.crt", new JsonObject { ["data"] = new JsonObject { ["ca.crt"] = clusterAuthority + context.Route?.AuthorityPem } });
        }
    }

    public static IEnumerable<ApiObject> Definitions(ContentContext context, ResourceType type)
    {
        foreach (ResourceType custom in context.Store.Types.Where(each => each.Custom))
        {
            JsonObject names = new()
            {
                ["categories"] = JsonText.Strings(custom.Categories),
                ["kind"] = custom.Kind,
                ["listKind"] = custom.ListKind,
                ["plural"] = custom.Plural,
                ["shortNames"] = JsonText.Strings(custom.ShortNames),
                ["singular"] = custom.Singular,
            };
            yield return context.Make(type, null, custom.QualifiedName, new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["conversion"] = new JsonObject { ["strategy"] = "None" },
                    ["group"] = custom.Group,
                    ["names"] = names,
                    ["scope"] = "Namespaced",
                    ["versions"] = new JsonArray(new JsonObject { ["name"] = custom.Version, ["served"] = true, ["storage"] = true }),
                },
                ["status"] = new JsonObject { ["acceptedNames"] = names.DeepClone(), ["storedVersions"] = new JsonArray(custom.Version) },
            });
        }
    }
}
