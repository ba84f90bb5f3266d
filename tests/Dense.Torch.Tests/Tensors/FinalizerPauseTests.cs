using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Tensors;

public class FinalizerPauseTests
{
    [Fact]
    public void Finalizers_WaitUntilThePauseEnds()
    {
        using var ran = new ManualResetEventSlim();
        using (FinalizerPause.Begin())
        {
            Drop(ran);
            GC.Collect();
            GC.Collect();

            Assert.False(ran.Wait(200, TestContext.Current.CancellationToken));
        }

        Assert.True(ran.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void NestedPause_EndsWithTheOuterOne()
    {
        using var ran = new ManualResetEventSlim();
        using (FinalizerPause.Begin())
        {
            using (FinalizerPause.Begin())
                Drop(ran);

            GC.Collect();

            Assert.False(ran.Wait(200, TestContext.Current.CancellationToken));
        }

        Assert.True(ran.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    // Without the pause this fails within seconds: the numbers of the expression are freed while they are read.
    [Fact]
    public void Arithmetic_SurvivesCollectionsByOtherThreads()
    {
        bool stop = false;
        Thread[] others = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.KeepAlive(new byte[20_000]);
                GC.Collect(0);
            }
        }))];
        foreach (Thread thread in others)
            thread.Start();

        using Tensor x = zeros(4);
        using (FinalizerPause.Begin())
        {
            for (int i = 0; i < 50_000; i++)
                x.add_(1);
        }

        Volatile.Write(ref stop, true);
        foreach (Thread thread in others)
            thread.Join();
        Assert.Equal([50_000, 50_000, 50_000, 50_000], x.Doubles());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(ManualResetEventSlim ran) => _ = new Finalizable(ran);

    private sealed class Finalizable(ManualResetEventSlim ran)
    {
        ~Finalizable() => ran.Set();
    }
}
