using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Display;
using Xunit;

namespace KubeVirtMonitor.Tests.Display;

public sealed class TagTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("code=200 host=a", "code=200, host=a")]
    [InlineData("name=web-1 vm_namespace=shop node=alpha", "shop/web-1, node=alpha")]
    [InlineData("namespace=shop vmi=web-1", "shop/web-1")]
    [InlineData("name=virt-controller-vmi le=1 upper_bound=0.5", "upper_bound=0.5, name=virt-controller-vmi, le=1")]
    [InlineData("interface=eth0 name=a node=n vm_namespace=b", "b/a, interface=eth0, node=n")]
    [InlineData("node=n os=debian phase=running", "phase=running, os=debian, node=n")]
    [InlineData("kubernetes_vmi_label_app=x name=a vm_namespace=b endpoint=e pod_name=p kube_namespace=k node=n state=s", "b/a, state=s, node=n, endpoint=e, pod_name=p, kube_namespace=k, kubernetes_vmi_label_app=x")]
    [InlineData("namespace=bulk", "namespace=bulk")]
    public void What_tells_series_apart_comes_first(string tags, string expected) => Assert.Equal(expected, TagText.Of(Samples.Tags(tags)));

    [Theory]
    [InlineData("kubevirt_controller.workqueue.queue_duration_seconds.bucket", "name=virt-controller-vmi upper_bound=0.5 pod_name=p kube_namespace=k endpoint=e", "{upper_bound=0.5, name=virt-controller-vmi, pod_name=p}")]
    [InlineData("kubevirt_handler.process.open_fds", "kube_node=alpha", "")]
    public void A_name_goes_with_what_tells_it_from_others(string name, string tags, string expected)
    {
        MetricSample sample = MetricSample.Create(MetricCatalog.Default.Find(name)!, 1, Samples.Tags(tags), "test", DateTimeOffset.UnixEpoch);
        Assert.Equal(expected.Length == 0 ? name : $"{name} {expected}", TagText.NameOf(sample));
    }
}
