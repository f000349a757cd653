namespace KubeVirtMonitor.Sessions;

/// <summary>The names that the certificates of the components carry: those of services, and no addresses.</summary>
internal static class ComponentNames
{
    /// <summary>The label and service name of a component, such as <c>virt-handler</c>.</summary>
    public static string Of(ComponentKind component) => component switch
    {
        ComponentKind.Api => "virt-api",
        ComponentKind.Controller => "virt-controller",
        ComponentKind.Handler => "virt-handler",
        ComponentKind.Operator => "virt-operator",
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, null),
    };

    /// <summary>The name a component's certificate carries in an installation, and the others it may carry instead.</summary>
    /// <param name="component">The component.</param>
    /// <param name="inNamespace">The install namespace.</param>
    public static (string Name, string[] Others) OnCertificate(ComponentKind component, string inNamespace)
    {
        string name = $"{Of(component)}.{inNamespace}.svc";
        // virt-operator issues its own certificate in the name of the service of its webhook.
        return (name, component == ComponentKind.Operator ? [$"kubevirt-operator-webhook.{inNamespace}.svc"] : []);
    }
}
