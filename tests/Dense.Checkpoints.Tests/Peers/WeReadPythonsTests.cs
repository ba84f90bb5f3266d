namespace Dense.Checkpoints.Tests.Peers;

[Trait("Category", "Peer")]
[Collection("child processes")]
public class WeReadPythonsTests
{
    [Theory]
    [InlineData("")]
    [InlineData(", _use_new_zipfile_serialization=False")]
    [InlineData(", pickle_protocol=4")]
    [InlineData(", _use_new_zipfile_serialization=False, pickle_protocol=5")]
    public void TrainingCheckpoint_WithAStepOfSgd(string option)
    {
        using var folder = new TempFolder();
        string path = folder["theirs.pth"];
        Python.Run($"""
            import sys, torch
            net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).double()
            sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
            net(torch.ones(2, 3, 5, 5).double()).pow(2).sum().backward()
            sgd.step()
            with torch.no_grad():
                for i, p in enumerate(net.parameters()):
                    sgd.state[p]["momentum_buffer"].fill_(i + 0.25)
                net[0].weight.copy_(torch.arange(108).reshape(4, 3, 3, 3))
            state = net.state_dict()
            state["transposed"] = net[0].weight.detach().permute(1, 0, 2, 3)
            file = dict(state_dict=state, optimizer=sgd.state_dict(), half=torch.ones(3).bfloat16())
            torch.save(file, sys.argv[1]{option})
            """, path);

        CheckpointMap read = CheckpointFile.Read(path).Map;

        TensorRecord transposed = read.GetMap("state_dict").GetTensor("transposed");
        Assert.Equal([3, 4, 3, 3], transposed.Shape);
        Assert.Equal(27.0, BitConverter.ToDouble(transposed.Bytes.Span[(8 * 9)..]));
        Assert.Equal(1, BitConverter.ToInt64(read.GetMap("state_dict").GetTensor("1.num_batches_tracked").Bytes.Span));
        Assert.Equal(ElementType.BFloat16, read.GetTensor("half").ElementType);
        Assert.NotNull(read.GetMap("state_dict").Metadata);

        CheckpointMap optimizer = read.GetMap("optimizer");
        Assert.Equal([0L, 1L, 2L, 3L], optimizer.GetMap("state").Keys);
        Assert.Equal(
            3.25, BitConverter.ToDouble(optimizer.GetMap("state").GetMap(3).GetTensor("momentum_buffer").Bytes.Span));
        var group = (CheckpointMap)optimizer.GetList("param_groups")[0]!;
        Assert.Equal(
            (0.1, 0.9, 0.0), (group.GetDouble("lr"), group.GetDouble("momentum"), group.GetDouble("dampening")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void NumpyPickle_InEveryProtocol(int protocol)
    {
        using var folder = new TempFolder();
        string path = folder["theirs.pkl"];
        Python.Run($$"""
            import sys, pickle, numpy as np
            model = {
                "f": np.arange(300, dtype=np.float32).reshape(10, 30),
                "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
                "n": np.int64(7), "zero": np.array(5), "big": np.arange(3, dtype=">f8"),
                "u": np.array([1, 65535], dtype=np.uint16), "h": np.ones(2, dtype=np.float16),
                "b": np.array([True, False]), "empty": np.zeros((0, 4)),
            }
            file = {"model": model, "__author__": "x", "bytes": b"\x00\xff", "set": set([1])}
            pickle.dump(file, open(sys.argv[1], "wb"), protocol={{protocol}})
            """, path);

        CheckpointMap model = CheckpointFile.Read(path).Map.GetMap("model");

        Assert.Equal(299f, BitConverter.ToSingle(model.GetTensor("f").Bytes.Span[(4 * 299)..]));
        Assert.Equal(1, BitConverter.ToInt32(model.GetTensor("fortran").Bytes.Span[4..]));
        Assert.Equal(7, model.GetInt64("n"));
        Assert.Equal(5, BitConverter.ToInt64(model.GetTensor("zero").Bytes.Span));
        Assert.Equal(2.0, BitConverter.ToDouble(model.GetTensor("big").Bytes.Span[16..]));
        Assert.Equal(65535, BitConverter.ToInt32(model.GetTensor("u").Bytes.Span[4..]));
        Assert.Equal([0, 4], model.GetTensor("empty").Shape);
        Assert.Equal([0x00, 0xff], Assert.IsType<byte[]>(CheckpointFile.Read(path).Map["bytes"]));
    }

    [Fact]
    public void PlainPickleOfTensors_HoldsFilesInsideTheFile()
    {
        using var folder = new TempFolder();
        string path = folder["theirs.pkl"];
        Python.Run("import sys, pickle, torch; pickle.dump({'w': torch.arange(5.)}, open(sys.argv[1], 'wb'))", path);

        Assert.Equal(4f, BitConverter.ToSingle(CheckpointFile.Read(path).Map.GetTensor("w").Bytes.Span[16..]));
    }

    [Fact]
    public void WholeModel_IsRefusedWithTheWayOut()
    {
        using var folder = new TempFolder();
        string path = folder["theirs.pth"];
        Python.Run("import sys, torch; torch.save(torch.nn.Linear(2, 2), sys.argv[1])", path);

        var refusal = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(path));

        Assert.Contains("'torch.nn.modules.linear.Linear'", refusal.Message, StringComparison.Ordinal);
    }
}
