namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Fills a store with the objects of a cluster.</summary>
internal static class ClusterContent
{
    public static void Load(ContentContext context, string clusterAuthority)
    {
        Load(context, "", "namespaces", NodeContent.Namespaces);
        Load(context, "", "nodes", NodeContent.Nodes);
        Load(context, "", "pods", (each, type) => ComponentContent.Pods(each, type).Concat(LauncherContent.Pods(each, type)).Concat(AgentContent.Pods(each, type)));
        Load(context, "", "services", static (each, type) => ComponentContent.Services(each, type).Concat(MonitoringContent.ServicesOf(each, type)));
        Load(context, "", "endpoints", static (each, type) => EndpointContent.Endpoints(each, type).Concat(MonitoringContent.EndpointsOf(each, type)));
        Load(context, "discovery.k8s.io", "endpointslices", EndpointContent.Slices);
        Load(context, "", "configmaps", (each, type) => InstallContent.ConfigMaps(each, type, clusterAuthority).Concat(MonitoringContent.ConfigMaps(each, type)));
        Load(context, "", "serviceaccounts", (each, type) => ComponentContent.ServiceAccounts(each, type).Concat(AgentContent.ServiceAccounts(each, type)));
        Load(context, "", "events", EventContent.Events);
        Load(context, "apps", "deployments", static (each, type) => ComponentContent.Deployments(each, type).Concat(AgentContent.Deployments(each, type)));
        Load(context, "apps", "daemonsets", static (each, type) => ComponentContent.DaemonSets(each, type).Concat(AgentContent.DaemonSets(each, type)));
        Load(context, "apiextensions.k8s.io", "customresourcedefinitions", InstallContent.Definitions);
        Load(context, "coordination.k8s.io", "leases", ComponentContent.Leases);
        Load(context, "rbac.authorization.k8s.io", "clusterroles", AccessContent.Roles);
        Load(context, "rbac.authorization.k8s.io", "clusterrolebindings", AccessContent.Bindings);
        if (context.Route is not null) Load(context, "route.openshift.io", "routes", MonitoringContent.Routes);
        if (context.Options.HyperConverged) Load(context, HyperConvergedOperator.Group, HyperConvergedOperator.Plural, InstallContent.HyperConvergeds);
        Load(context, ResourceTypes.KubeVirtGroup, "kubevirts", InstallContent.KubeVirts);
        Load(context, ResourceTypes.KubeVirtGroup, "virtualmachines", MachineContent.Machines);
        Load(context, ResourceTypes.KubeVirtGroup, "virtualmachineinstances", InstanceContent.Instances);
        Load(context, ResourceTypes.KubeVirtGroup, "virtualmachineinstancemigrations", InstanceContent.Migrations);
        Load(context, SpecExpander.Group, "virtualmachineclusterinstancetypes", static (_, _) => []);
        Load(context, SpecExpander.Group, "virtualmachineinstancetypes", static (_, _) => []);
        Load(context, SpecExpander.Group, "virtualmachineclusterpreferences", static (_, _) => []);
    }

    private static void Load(ContentContext context, string group, string plural, Func<ContentContext, ResourceType, IEnumerable<ApiObject>> make)
    {
        ResourceCollection collection = context.Store[group, plural];
        collection.Load(make(context, collection.Type).Concat(KindsContent.Of(context, collection.Type)));
    }
}
