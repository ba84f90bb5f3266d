using System.Reflection;
using TorchSharp;
using Xunit.v3;

namespace Dense.Torch.Tests;

/// <summary>
/// Fails a test that leaves more tensors alive than it found (R14). Each test opens a dispose scope; what it leaves to
/// the garbage collector counts as a leak.
/// </summary>
/// <remarks>
/// Counts the tensors of the test's thread: the count of the whole process is one too high for every Parameter that
/// was ever created, because the tensor that it takes over is never counted as gone.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class LeakCheckAttribute : BeforeAfterTestAttribute
{
    private long _before;

    /// <summary>Tensors that this thread created and has not disposed.</summary>
    public static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => _before = LiveTensors;

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
            Assert.Equal(_before, LiveTensors);
    }
}
