namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The resources that the simulated API server serves.</summary>
public static class ResourceTypes
{
    /// <summary>The group of KubeVirt's own objects.</summary>
    public const string KubeVirtGroup = "kubevirt.io";

    private const string Rbac = "rbac.authorization.k8s.io";

    private static readonly string[] Get = ["get"];
    private static readonly string[] Stream = ["create", "get"];
    private static readonly string[] Proxy = ["create", "delete", "get", "patch", "update"];

    private static readonly string[] EventFields =
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];

    private static readonly string[] PodFields =
    [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
    ];

    /// <summary>The resources of every cluster, group by group.</summary>
    public static IReadOnlyList<ResourceType> All { get; } =
    [
        new() { Group = "", Plural = "namespaces", Kind = "Namespace", Namespaced = false, ShortNames = ["ns"], HasStatus = true, SelectableFields = ["status.phase"], Columns = [TableColumn.Of("Status", "status.phase"), TableColumn.Age] },
        new() { Group = "", Plural = "nodes", Kind = "Node", Namespaced = false, ShortNames = ["no"], HasStatus = true, SelectableFields = ["spec.unschedulable"], Columns = BuiltInColumns.Nodes },
        new()
        {
            Group = "", Plural = "pods", Kind = "Pod", ShortNames = ["po"], Categories = ["all"], HasStatus = true, SelectableFields = PodFields, Columns = BuiltInColumns.Pods,
            Subresources = [("exec", "PodExecOptions", Stream), ("log", "Pod", Get), ("portforward", "PodPortForwardOptions", Stream), ("proxy", "PodProxyOptions", Proxy)],
        },
        new() { Group = "", Plural = "services", Kind = "Service", ShortNames = ["svc"], Categories = ["all"], HasStatus = true, SelectableFields = ["spec.clusterIP", "spec.type"], Columns = BuiltInColumns.Services, Subresources = [("proxy", "ServiceProxyOptions", Proxy)] },
        new() { Group = "", Plural = "endpoints", Kind = "Endpoints", ShortNames = ["ep"], Columns = BuiltInColumns.Endpoints },
        new() { Group = "", Plural = "configmaps", Kind = "ConfigMap", ShortNames = ["cm"], Columns = [BuiltInColumns.Data, TableColumn.Age] },
        new() { Group = "", Plural = "secrets", Kind = "Secret", SelectableFields = ["type"], Columns = [TableColumn.Of("Type", "type"), BuiltInColumns.Data, TableColumn.Age] },
        new() { Group = "", Plural = "serviceaccounts", Kind = "ServiceAccount", ShortNames = ["sa"], Subresources = [("token", "TokenRequest", ["create"])], Columns = [BuiltInColumns.Secrets, TableColumn.Age] },
        new() { Group = "", Plural = "events", Kind = "Event", ShortNames = ["ev"], SelectableFields = EventFields, Columns = BuiltInColumns.Events },
        new() { Group = "apps", Plural = "deployments", Kind = "Deployment", ShortNames = ["deploy"], Categories = ["all"], HasStatus = true, Columns = BuiltInColumns.Deployments },
        new() { Group = "apps", Plural = "daemonsets", Kind = "DaemonSet", ShortNames = ["ds"], Categories = ["all"], HasStatus = true, Columns = BuiltInColumns.DaemonSets },
        new() { Group = "apiextensions.k8s.io", Plural = "customresourcedefinitions", Kind = "CustomResourceDefinition", Namespaced = false, ShortNames = ["crd", "crds"], Categories = ["api-extensions"], HasStatus = true, Columns = [BuiltInColumns.CreatedAt] },
        new() { Group = "coordination.k8s.io", Plural = "leases", Kind = "Lease", Columns = [TableColumn.Of("Holder", "spec.holderIdentity"), TableColumn.Age] },
        new() { Group = "discovery.k8s.io", Plural = "endpointslices", Kind = "EndpointSlice", Columns = BuiltInColumns.EndpointSlices },
        new() { Group = Rbac, Plural = "clusterroles", Kind = "ClusterRole", Namespaced = false, Columns = [BuiltInColumns.CreatedAt] },
        new() { Group = Rbac, Plural = "clusterrolebindings", Kind = "ClusterRoleBinding", Namespaced = false, Columns = BuiltInColumns.Bindings },
        new() { Group = Rbac, Plural = "roles", Kind = "Role", Columns = [BuiltInColumns.CreatedAt] },
        new() { Group = Rbac, Plural = "rolebindings", Kind = "RoleBinding", Columns = BuiltInColumns.Bindings },
        new() { Group = "authentication.k8s.io", Plural = "tokenreviews", Kind = "TokenReview", Namespaced = false, CreateOnly = true },
        new() { Group = "authentication.k8s.io", Plural = "selfsubjectreviews", Kind = "SelfSubjectReview", Namespaced = false, CreateOnly = true },
        new() { Group = "authorization.k8s.io", Plural = "localsubjectaccessreviews", Kind = "LocalSubjectAccessReview", CreateOnly = true },
        new() { Group = "authorization.k8s.io", Plural = "selfsubjectaccessreviews", Kind = "SelfSubjectAccessReview", Namespaced = false, CreateOnly = true },
        new() { Group = "authorization.k8s.io", Plural = "selfsubjectrulesreviews", Kind = "SelfSubjectRulesReview", Namespaced = false, CreateOnly = true },
        new() { Group = "authorization.k8s.io", Plural = "subjectaccessreviews", Kind = "SubjectAccessReview", Namespaced = false, CreateOnly = true },
        Custom("kubevirts", "KubeVirt", ["kv", "kvs"], [TableColumn.CustomAge, TableColumn.Of("Phase", "status.phase")]),
        Custom("virtualmachines", "VirtualMachine", ["vm", "vms"], [TableColumn.CustomAge, TableColumn.Of("Status", "status.printableStatus"), TableColumn.Condition("Ready", "Ready")]),
        Custom(
            "virtualmachineinstances",
            "VirtualMachineInstance",
            ["vmi", "vmis"],
            [
                TableColumn.CustomAge, TableColumn.Of("Phase", "status.phase"), TableColumn.Of("IP", "status.interfaces.0.ipAddress"), TableColumn.Of("NodeName", "status.nodeName"),
                TableColumn.Condition("Ready", "Ready"), TableColumn.Condition("Live-Migratable", "LiveMigratable", 1), TableColumn.Condition("Paused", "Paused", 1),
            ]) with { HasStatus = false },
        Custom("virtualmachineinstancemigrations", "VirtualMachineInstanceMigration", ["vmim", "vmims"], [TableColumn.Of("Phase", "status.phase"), TableColumn.Of("VMI", "spec.vmiName")]),
        Custom("virtualmachineinstancereplicasets", "VirtualMachineInstanceReplicaSet", ["vmirs", "vmirss"], [TableColumn.Of("Desired", "spec.replicas"), TableColumn.Of("Current", "status.replicas"), TableColumn.Of("Ready", "status.readyReplicas"), TableColumn.CustomAge]),
        Custom("virtualmachinepools", "VirtualMachinePool", ["vmpool", "vmpools"], [TableColumn.Of("Desired", "spec.virtualMachineTemplate.replicas"), TableColumn.CustomAge]) with { Group = "pool.kubevirt.io", Version = "v1beta1" },
        Custom("virtualmachineclusterinstancetypes", "VirtualMachineClusterInstancetype", ["vmclusterinstancetype", "vmcit"], [TableColumn.CustomAge]) with { Group = SpecExpander.Group, Version = "v1beta1", Namespaced = false, HasStatus = false },
        Custom("virtualmachineinstancetypes", "VirtualMachineInstancetype", ["vminstancetype", "vmit"], [TableColumn.CustomAge]) with { Group = SpecExpander.Group, Version = "v1beta1", HasStatus = false },
        Custom("virtualmachineclusterpreferences", "VirtualMachineClusterPreference", ["vmcp"], [TableColumn.CustomAge]) with { Group = SpecExpander.Group, Version = "v1beta1", Namespaced = false, HasStatus = false },
        Custom("podmonitors", "PodMonitor", ["pmon"], [TableColumn.CustomAge]) with { Group = "monitoring.coreos.com" },
    ];

    /// <summary>The resources of a cluster.</summary>
    internal static IEnumerable<ResourceType> Of(ApiServerOptions options) =>
    [
        .. All,
        .. options.HyperConverged ? new[] { Custom(HyperConvergedOperator.Plural, "HyperConverged", ["hco", "hcos"], [TableColumn.CustomAge]) with { Group = HyperConvergedOperator.Group, Version = "v1beta1" } } : [],
        .. options.Monitoring?.Stacks.Contains(MonitoringStack.OpenShift) == true
            ? new[] { new ResourceType { Group = "route.openshift.io", Plural = "routes", Kind = "Route", HasStatus = true, Columns = [TableColumn.Of("Host/Port", "spec.host"), TableColumn.Of("Path", "spec.path")] } }
            : [],
    ];

    private static ResourceType Custom(string plural, string kind, string[] shortNames, TableColumn[] columns) => new()
    {
        Group = KubeVirtGroup,
        Plural = plural,
        Kind = kind,
        ShortNames = shortNames,
        Categories = ["all"],
        Custom = true,
        HasStatus = true,
        Columns = columns,
    };
}
