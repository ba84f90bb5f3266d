using System.Runtime.CompilerServices;

namespace Dense.Torch.Native;

// Linked into every assembly that can touch libtorch (Directory.Build.targets): a module initialiser runs before the
// first member of its own assembly, so whichever assembly is entered first, libtorch is ready.
internal static class NativeStartupModule
{
    // The one place where a library must act before any of its code: libtorch loads only once.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Run()
    {
        if (!(AppContext.TryGetSwitch(NativeStartup.OnRequestSwitch, out bool onRequest) && onRequest))
            NativeStartup.Prepare();
    }
#pragma warning restore CA2255
}
