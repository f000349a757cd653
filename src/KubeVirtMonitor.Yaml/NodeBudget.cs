namespace KubeVirtMonitor.Yaml;

/// <summary>Counts nodes, so that a few lines of aliases of aliases cannot fill the memory.</summary>
internal sealed class NodeBudget(int most)
{
    private int _taken;

    public void Take(int nodes, Mark where)
    {
        _taken += nodes;
        if (_taken > most) throw where.Error($"with its aliases expanded, the text has more than {most} nodes");
    }
}
