using System.Runtime.InteropServices;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;
using Dense.Distributed.Nccl;

namespace Dense.Distributed.Tests.Nccl;

/// <summary>
/// A library with the functions of NCCL and of the CUDA driver on the host's memory, compiled from <c>stub.c</c> by the
/// system's C compiler; ranks are threads.
/// </summary>
public sealed class NcclStub : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly nint _library;

    /// <summary>Compiles and loads the library.</summary>
    public NcclStub()
    {
        string path = Path.Combine(_folder.Path, "stub.so");
        ChildProcess compiler = ChildProcess.Run("cc",
            ["-shared", "-fPIC", "-pthread", "-o", path, Path.Combine(AppContext.BaseDirectory, "Nccl", "stub.c")]);
        Assert.True(compiler.ExitCode == 0, compiler.Errors);
        _library = NcclLibrary.Load([path]);
    }

    internal NcclApi Api => new(_library);

    internal CudaDriver Driver => new(_library);

    /// <summary>Calls one of the stub's own functions.</summary>
    public unsafe void Call(string name, int argument = 0) =>
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(_library, name))(argument);

    /// <summary>Lets ranks work as threads and gives what they return.</summary>
    /// <param name="size">Number of ranks.</param>
    /// <param name="limits">How long they wait for each other.</param>
    /// <param name="work">Gets channel and rank.</param>
    internal T[] Run<T>(int size, RankLimits limits, Func<NcclChannel, int, T> work)
    {
        Call("stubReset");
        NcclUniqueId id = NcclUniqueId.Of(Api.NewUniqueId().ToArray());
        Task<T>[] ranks = [.. Enumerable.Range(0, size).Select(rank => Task.Factory.StartNew(
            () =>
            {
                var patience = new RankWait(rank, limits, board: null);
                var meeting = new RankOperation(1, "meeting by NCCL", null);
                using var channel = new NcclChannel(meeting, Api, Driver, rank, id, rank, size, patience);
                return work(channel, rank);
            }, TaskCreationOptions.LongRunning))];
        return Task.WhenAll(ranks).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
