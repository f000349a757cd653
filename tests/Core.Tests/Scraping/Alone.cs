using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

/// <summary>Tests that measure time or memory, which tests beside them would spoil.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;
