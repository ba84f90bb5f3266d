namespace Dense.Checkpoints.Tests.Safety;

/// <summary>
/// The shapes in which pickles are known to smuggle code, re-created (reliability R6). Each is refused, and the message
/// names what was asked for.
/// </summary>
public class MaliciousPickleTests
{
    private static readonly Dictionary<string, (byte[] Bytes, string Named)> Shapes = new()
    {
        ["reduce os.system"] = (Call("os", "system"), "'os.system'"),
        ["reduce posix.system"] = (Call("posix", "system"), "'posix.system'"),
        ["reduce nt.system"] = (Call("nt", "system"), "'nt.system'"),
        ["reduce subprocess.Popen"] = (Call("subprocess", "Popen"), "'subprocess.Popen'"),
        ["reduce subprocess.check_output"] = (Call("subprocess", "check_output"), "'subprocess.check_output'"),
        ["reduce builtins.eval"] = (Call("builtins", "eval"), "'builtins.eval'"),
        ["reduce __builtin__.exec"] = (Call("__builtin__", "exec"), "'__builtin__.exec'"),
        ["reduce builtins.compile"] = (Call("builtins", "compile"), "'builtins.compile'"),
        ["reduce builtins.open"] = (Call("builtins", "open"), "'builtins.open'"),
        ["reduce builtins.__import__"] = (Call("builtins", "__import__"), "'builtins.__import__'"),
        ["reduce builtins.getattr"] = (Call("builtins", "getattr"), "'builtins.getattr'"),
        ["reduce operator.attrgetter"] = (Call("operator", "attrgetter"), "'operator.attrgetter'"),
        ["reduce runpy._run_code"] = (Call("runpy", "_run_code"), "'runpy._run_code'"),
        ["reduce socket.create_connection"] = (Call("socket", "create_connection"), "'socket.create_connection'"),
        ["reduce requests.get"] = (Call("requests.api", "get"), "'requests.api.get'"),
        ["reduce webbrowser.open"] = (Call("webbrowser", "open"), "'webbrowser.open'"),
        ["reduce shutil.rmtree"] = (Call("shutil", "rmtree"), "'shutil.rmtree'"),
        ["reduce pip.main"] = (Call("pip", "main"), "'pip.main'"),
        ["reduce asyncio subprocess"] =
            (Call("asyncio.unix_events", "_UnixSubprocessTransport._start"), "_UnixSubprocessTransport"),
        ["reduce pty.spawn"] = (Call("pty", "spawn"), "'pty.spawn'"),
        ["reduce functools.partial"] = (Call("functools", "partial"), "'functools.partial'"),
        ["reduce torch.load"] = (Call("torch", "load"), "'torch.load'"),
        ["reduce torch.hub.load"] = (Call("torch.hub", "load"), "'torch.hub.load'"),
        ["reduce numpy runstring"] = (Call("numpy.testing._private.utils", "runstring"), "runstring'"),
        ["reduce dill"] = (Call("dill._dill", "_create_function"), "'dill._dill._create_function'"),
        ["reduce cloudpickle"] = (Call("cloudpickle.cloudpickle", "_make_function"), "_make_function'"),
        ["reduce code object"] = (Call("types", "CodeType"), "'types.CodeType'"),
        ["stack global"] =
            (P(4).Raw([0x8c, 2, .. "os"u8, 0x8c, 6, .. "system"u8, 0x93]).Op(".").ToArray(), "'os.system'"),
        ["stack global through the memo"] =
            (P(4).Raw([0x8c, 6, .. "system"u8, 0x94, 0x8c, 2, .. "os"u8, (byte)'h', 0, 0x93]).Op(".").ToArray(),
                "'os.system'"),
        ["stack global with a dotted name"] =
            (P(4).Raw([0x8c, 11, .. "collections"u8, 0x8c, 20, .. "OrderedDict.__init__"u8, 0x93]).Op(".").ToArray(),
                "OrderedDict.__init__'"),
        ["stack global of something that is no text"] = (P(4).Op("NN").Raw([0x93]).Op(".").ToArray(), "no text"),
        ["inst"] = (P(0, header: false).Op("(S'id'\nios\nsystem\n.").ToArray(), "0x69"),
        ["obj"] = (P(1).Op("(").Global("os", "system").Op("o.").ToArray(), "'os.system'"),
        ["obj of an allowed class"] = (P(1).Op("(").Global("collections", "OrderedDict").Op("o.").ToArray(), "0x6f"),
        ["newobj"] = (P(2).Global("os", "system").Op(")").Raw([0x81]).Op(".").ToArray(), "'os.system'"),
        ["newobj_ex"] = (P(4).Global("os", "system").Op(")}").Raw([0x92]).Op(".").ToArray(), "'os.system'"),
        ["newobj_ex with names"] =
            (P(4).Global("collections", "OrderedDict").Op(")}").Text("a").Op("Ns").Raw([0x92]).Op(".").ToArray(),
                "named arguments"),
        ["ext1"] = (P(2).Raw([0x82, 1]).Op(".").ToArray(), "0x82"),
        ["ext2"] = (P(2).Raw([0x83, 1, 0]).Op(".").ToArray(), "0x83"),
        ["ext4"] = (P(2).Raw([0x84, 1, 0, 0, 0]).Op(".").ToArray(), "0x84"),
        ["persid"] = (P(0, header: false).Op("(Pid\n.").ToArray(), "0x50"),
        ["binpersid outside a container"] = (P(2).Text("id").Op("Q.").ToArray(), "outside itself"),
        ["next_buffer"] = (P(5).Raw([0x97]).Op(".").ToArray(), "0x97"),
        ["build on a string"] = (P(2).Text("x").Op("}b.").ToArray(), "which has none"),
        ["build setstate on a class"] =
            (P(2).Global("collections", "OrderedDict").Op("}").Text("__setstate__").Global("os", "system")
            .Op("sb.").ToArray(), "'os.system'"),
        ["reduce a text"] = (P(2).Text("system").Op(")R.").ToArray(), "not a class"),
        ["reduce with a list"] = (P(2).Global("collections", "OrderedDict").Op("]R.").ToArray(), "instead of a tuple"),
        ["name with a carriage return"] = (P(2).Op("cos\r\nsystem\n)R.").ToArray(), "'os?.system'"),
        ["name that hides behind an allowed module"] =
            (Call("torch._utils", "_rebuild_tensor_v2.__globals__"), "__globals__'"),
        ["module that hides behind numpy's new name"] = (Call("numpy._core.os", "system"), "'numpy._core.os.system'"),
        ["payload after an allowed call"] =
            (P(2).Global("collections", "OrderedDict").Op(")R0").Raw(Call("os", "system").AsSpan(2)).ToArray(),
                "'os.system'"),
        ["second pickle behind the first"] = ([.. P(2).Op("N.").ToArray(), .. Call("os", "system")], "bytes follow it"),
        ["defaultdict of a forbidden factory"] =
            (P(2).Global("collections", "defaultdict").Global("os", "system").Raw([0x85]).Op("R.").ToArray(),
                "'os.system'"),
        ["file inside a file"] =
            (P(3).Global("torch.storage", "_load_from_bytes").Bytes(NestedPayload()).Raw([0x85]).Op("R.").ToArray(),
            "'os.system'"),
        ["encode with another codec"] =
            (P(2).Global("_codecs", "encode").Text("x").Text("rot13").Raw([0x86]).Op("R.").ToArray(), "latin1"),
        ["module in a persistent id"] =
            (new PickleBytes().Magic().Raw([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', 0x80, 2, (byte)'}', (byte)'.'])
            .Protocol(2).Op("(").Text("module").Text("Net").Text("net.py").Text("import os").Op("tQ.").ToArray(),
                "whole model"),
    };

    public static TheoryData<string> Names() => new(Shapes.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void MaliciousPickle_IsRefusedByName(string name)
    {
        var refusal =
            Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(Shapes[name].Bytes, "model.pkl"));

        Assert.Contains(Shapes[name].Named, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("model.pkl", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void MaliciousPickle_IsHarmlessWhenOpaqueObjectsAreAllowed(string name)
    {
        // Either refused for its shape, or read as placeholders: nothing in the reader could run.
        try
        {
            CheckpointFile read =
                CheckpointFile.Read(
                Shapes[name].Bytes, "model.pkl", new CheckpointReadOptions { AllowOpaqueObjects = true });
            Assert.IsNotType<TensorRecord>(read.Root);
        }
        catch (CheckpointFormatException e)
        {
            Assert.StartsWith("model.pkl", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void OpaqueObject_StandsBesideGoodWeights()
    {
        byte[] file = P(2).Op("}(").Text("args").Global("argparse", "Namespace").Op(")").Raw([0x81]).Op("}").Text("lr")
            .Op("K\x01sb")
            .Text("epoch").Op("K\x05u.").ToArray();

        CheckpointFile read =
            CheckpointFile.Read(file, "model.pkl", new CheckpointReadOptions { AllowOpaqueObjects = true });

        Assert.Equal(5, read.Map.GetInt64("epoch"));
        Assert.Equal(new OpaqueValue("argparse.Namespace"), read.Map["args"]);
    }

    private static PickleBytes P(byte protocol, bool header = true) => header
        ? new PickleBytes().Protocol(protocol)
        : new PickleBytes();

    private static byte[] Call(string module, string name) =>
        P(2).Global(module, name).Text("echo HOSTILE-PAYLOAD-RAN").Raw([0x85]).Op("R.").ToArray();

    private static byte[] NestedPayload() =>
        [.. new PickleBytes().Magic().Raw([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', 0x80, 2, (byte)'}', (byte)'.'])
            .ToArray(), .. Call("os", "system")];
}
