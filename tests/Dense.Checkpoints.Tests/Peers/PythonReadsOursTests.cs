using System.Runtime.InteropServices;

namespace Dense.Checkpoints.Tests.Peers;

[Trait("Category", "Peer")]
[Collection("child processes")]
public class PythonReadsOursTests
{
    private static readonly ElementType[] All = Enum.GetValues<ElementType>();

    // Every element type as torch sees it: shape [2, 3], element i is i (booleans: i is odd).
    private const string CheckTypes = """
        for name, t in d.items():
            assert str(t.dtype) == "torch." + name, (name, t.dtype)
            want = (torch.arange(6) % 2 if name == "bool" else torch.arange(6)).reshape(2, 3).to(t.dtype)
            assert torch.equal(t, want), (name, t)
            assert t.is_contiguous()
        """;

    [Theory]
    [InlineData("")]
    [InlineData(", weights_only=True")]
    public void Pth_OfEveryTypeIsRead(string option)
    {
        using var folder = new TempFolder();
        string path = folder["types.pth"];
        var map = new CheckpointMap { IsOrderedDict = true };
        foreach (ElementType type in All)
            map.Add(type.ToString().ToLowerInvariant(), Counting(type));

        TorchFile.Write(path, map);

        Assert.Equal("OrderedDict 10", Python.Run($"""
            import sys, torch
            d = torch.load(sys.argv[1]{option})
            {CheckTypes}
            print(type(d).__name__, len(d))
            """, path));
    }

    [Fact]
    public void TrainingCheckpoint_IsReadWithItsOptimizer()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_3.pth"];
        TorchFile.Write(path, Samples.Training());

        // torch.optim itself takes the state, which is what a resumed run does.
        Assert.Equal("ok", Python.Run("""
            import sys, torch
            d = torch.load(sys.argv[1])
            assert d["meta"] == {"epoch": 3, "note": "text ✓", "nothing": None, "flag": True}
            assert torch.equal(d["state_dict"]["w"], torch.tensor([[1., 2.], [3., 4.]]))
            assert d["state_dict"]["n"].shape == () and d["state_dict"]["n"].item() == 7
            assert d["state_dict"]["empty"].shape == (0, 3) and d["state_dict"]["empty"].dtype == torch.float16
            o = d["optimizer"]
            assert list(o["state"]) == [0] and torch.equal(o["state"][0]["momentum_buffer"], torch.tensor([0.5, -1.]))
            assert o["param_groups"] == [{"lr": 0.03, "betas": (0.9, 0.999), "params": [0, 1]}]
            p = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(3))]
            sgd = torch.optim.SGD(p, lr=1, momentum=0.9)
            full = dict(sgd.state_dict()["param_groups"][0], lr=0.03)
            sgd.load_state_dict({"state": o["state"], "param_groups": [full]})
            assert torch.equal(sgd.state[p[0]]["momentum_buffer"], torch.tensor([0.5, -1.]))
            print("ok")
            """, path));
    }

    [Fact]
    public void SharedMemory_IsSharedInTorchToo()
    {
        using var folder = new TempFolder();
        string path = folder["shared.pth"];
        TensorRecord w = Samples.Floats([4], 1, 2, 3, 4);
        TorchFile.Write(path, new CheckpointMap { ["a"] = w, ["b"] = w with { Shape = [2, 2] } });

        Assert.Equal("True 4.0", Python.Run(
            "import sys, torch; d = torch.load(sys.argv[1], weights_only=True); print(d['a'].data_ptr() == " +
                "d['b'].data_ptr(), d['b'][1, 1].item())",
            path));
    }

    [Fact]
    public void Pth_IsAGoodZipForOtherPrograms()
    {
        using var folder = new TempFolder();
        string path = folder["model.pth"];
        TorchFile.Write(path, Samples.Training());

        Assert.Equal("None model/data.pkl", Python.Run(
            "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist()[0])", path));
    }

    [Fact]
    public void Pkl_IsReadAsDetectron2Reads()
    {
        using var folder = new TempFolder();
        string path = folder["backbone.pkl"];
        ElementType[] known = [.. All.Where(t => t != ElementType.BFloat16)];
        Detectron2File.Write(
            path, [.. known.Select(t => KeyValuePair.Create(t.ToString().ToLowerInvariant(), Counting(t))),
                new("zero", Scalar())],
            "OpenSelfSup");

        Assert.Equal("['model', '__author__', 'matching_heuristics'] OpenSelfSup True 10", Python.Run("""
            import sys, pickle, numpy as np
            d = pickle.load(open(sys.argv[1], "rb"), encoding="latin1")
            for name, a in d["model"].items():
                if name == "zero":
                    assert a.shape == () and a.dtype == np.int64 and a == 7
                    continue
                assert str(a.dtype) == name and a.shape == (2, 3) and a.flags["C_CONTIGUOUS"], (name, a.dtype)
                assert (a == (np.arange(6) % 2 if name == "bool" else np.arange(6)).reshape(2, 3)).all(), name
            print(list(d), d["__author__"], d["matching_heuristics"], len(d["model"]))
            """, path));
    }

    [Fact]
    public void Sidecar_IsVerifiedBySha256Sum()
    {
        using var folder = new TempFolder();
        SafetensorsFile.Write(folder["a.safetensors"], [new("w", Samples.Floats([1], 1))]);

        Assert.Contains("a.safetensors: OK", Python.Run(
            "import sys, subprocess; print(subprocess.run(['sha256sum', '--check', 'a.safetensors.sha256'], " +
                "cwd=sys.argv[1], capture_output=True, text=True, check=True).stdout)",
            folder.Path), StringComparison.Ordinal);
    }

    private static TensorRecord Scalar() => new(ElementType.Int64, [], BitConverter.GetBytes(7L));

    private static TensorRecord Counting(ElementType type)
    {
        byte[] bytes = type switch
        {
            ElementType.Float64 => Elements<double>(i => i),
            ElementType.Float32 => Elements<float>(i => i),
            ElementType.Float16 => Elements<Half>(i => (Half)i),
            ElementType.BFloat16 => Elements<ushort>(i => (ushort)(BitConverter.SingleToUInt32Bits(i) >> 16)),
            ElementType.Int64 => Elements<long>(i => i),
            ElementType.Int32 => Elements<int>(i => i),
            ElementType.Int16 => Elements<short>(i => (short)i),
            ElementType.Bool => Elements<byte>(i => (byte)(i % 2)),
            _ => Elements<byte>(i => (byte)i),
        };
        return new TensorRecord(type, [2, 3], bytes);
    }

    private static byte[] Elements<T>(Func<int, T> value)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(Enumerable.Range(0, 6).Select(value).ToArray()).ToArray();
}
