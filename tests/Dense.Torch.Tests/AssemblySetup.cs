using System.Runtime.CompilerServices;
using Dense.Torch.Native;
using TorchSharp;

// Live tensors are counted per process, and two cores are shared: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Dense.Torch.Tests;

internal static class AssemblySetup
{
    [ModuleInitializer]
    internal static void UseOneThread()
    {
        NativeStartup.Prepare(); // The order of an assembly's module initialisers is not defined.
        torch.set_num_threads(1);
    }
}
