using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;

namespace Dense.EndToEnd.Tests;

/// <summary>
/// Reads the compiled code: a native Scalar exists only where something keeps it alive (docs/architecture.md, Numbers
/// outlive the operation that reads them).
/// </summary>
public class ScalarLifetimeTests
{
    // Holds its Scalars in an array until the call is over.
    private const string Script = "Dense.Torch.Operators.Script";

    private const string Invoke = "::invoke(System.String,System.Object[])";

    private static readonly Lazy<HashSet<string>> Makers = new(FunctionsThatMakeScalars);

    private static EnumerationOptions AnyCase => new() { MatchCasing = MatchCasing.CaseInsensitive };

    public static TheoryData<string> Assemblies { get; } = new(
        Directory.GetFiles(Densecl.Folder, "dense*.dll", AnyCase).Select(f => Path.GetFileName(f))
            .Where(f => !f.Contains("Test", StringComparison.Ordinal)).Order());

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Assembly_KeepsEveryScalarAlive(string assembly)
    {
        using var product = AssemblyDefinition.ReadAssembly(Path.Combine(Densecl.Folder, assembly));

        string[] fleeting = [.. MethodsOf(product)
            .Where(m => m.DeclaringType.FullName != Script)
            .SelectMany(m => CallsOf(m).Where(call => IsFleeting(m, call))
                .Select(call => $"{m.FullName} → {Name(call)}"))];

        Assert.True(
            fleeting.Length == 0,
            $"Use Dense.Torch.Arithmetic, or a using local:\n{string.Join('\n', fleeting)}");
    }

    [Fact]
    public void Assemblies_AreThoseThatCompute() =>
        Assert.Superset(
            new HashSet<string> { "Dense.Torch.dll", "Dense.Models.dll", "Dense.Pretraining.dll", "Dense.Detection.dll",
                "Dense.Training.dll", "densecl.dll" },
            Assemblies.Select(row => (string)row.Data).ToHashSet());

    // Each of these is what the test above must find.
    [Theory]
    [InlineData(nameof(Fleeting.Sum))]
    [InlineData(nameof(Fleeting.Product))]
    [InlineData(nameof(Fleeting.Clamped))]
    [InlineData(nameof(Fleeting.Square))]
    [InlineData(nameof(Fleeting.LocalWithoutUsing))]
    public void FleetingScalar_IsFound(string method) => Assert.NotEmpty(FleetingCallsOf(method));

    [Theory]
    [InlineData(nameof(Fleeting.Held))]
    [InlineData(nameof(Fleeting.Difference))]
    public void HeldScalar_IsAccepted(string method) => Assert.Empty(FleetingCallsOf(method));

    private static Instruction[] FleetingCallsOf(string method)
    {
        using var own = AssemblyDefinition.ReadAssembly(typeof(Fleeting).Assembly.Location);
        MethodDefinition example = MethodsOf(own).Single(
            m => m.Name == method && m.DeclaringType.Name == nameof(Fleeting));
        return [.. CallsOf(example).Where(call => IsFleeting(example, call))];
    }

    private static bool IsFleeting(MethodDefinition method, Instruction call) =>
        IsConversion(Name(call)) ? !IsHeld(method, call.Next) : Makers.Value.Contains(Name(call));

    // A static field, or a local that a finally block disposes: what "using" compiles to.
    private static bool IsHeld(MethodDefinition method, Instruction store) =>
        store.OpCode == OpCodes.Stsfld
        || (VariableOf(method, store, OpCodes.Stloc_0) is { } stored && method.Body.ExceptionHandlers.Any(handler =>
            handler.HandlerType == ExceptionHandlerType.Finally
            && VariableOf(method, handler.HandlerStart, OpCodes.Ldloc_0) == stored));

    private static VariableDefinition? VariableOf(MethodDefinition method, Instruction instruction, OpCode first)
    {
        if (instruction.Operand is VariableDefinition named)
            return named;

        int index = instruction.OpCode.Value - first.Value;
        return index is >= 0 and < 4 ? method.Body.Variables[index] : null;
    }

    // All of TorchSharp that, however deep, converts a number; TorchScript's invoke converts those it is given.
    private static HashSet<string> FunctionsThatMakeScalars()
    {
        using var torchSharp = AssemblyDefinition.ReadAssembly(typeof(torch).Assembly.Location);
        var calls = MethodsOf(torchSharp).ToDictionary(m => m.FullName, m => CallsOf(m).Select(Name).ToHashSet());
        var makers = calls.Keys.Where(IsConversion).ToHashSet();
        for (int before = 0; before < makers.Count;)
        {
            before = makers.Count;
            makers.UnionWith(calls.Where(m => m.Value.Overlaps(makers)).Select(m => m.Key));
        }

        Assert.Contains(makers, m => m.EndsWith(Invoke, StringComparison.Ordinal));
        return makers;
    }

    private static bool IsConversion(string name) =>
        name.StartsWith("TorchSharp.Scalar ", StringComparison.Ordinal)
        && (name.Contains("::op_Implicit(", StringComparison.Ordinal)
            || name.Contains("::ToScalar(", StringComparison.Ordinal));

    private static IEnumerable<MethodDefinition> MethodsOf(AssemblyDefinition assembly) =>
        assembly.MainModule.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody);

    private static IEnumerable<Instruction> CallsOf(MethodDefinition method) =>
        method.Body.Instructions.Where(i => i.Operand is MethodReference);

    private static string Name(Instruction call) => ((MethodReference)call.Operand).GetElementMethod().FullName;

    private static class Fleeting
    {
        public static torch.Tensor Sum(torch.Tensor x) => x + x;

        public static torch.Tensor Product(torch.Tensor x) => x * 0.5;

        public static torch.Tensor Clamped(torch.Tensor x) => x.clamp_min(1);

        public static torch.Tensor Square(torch.Tensor x) => x.square();

        public static torch.Tensor LocalWithoutUsing(torch.Tensor x)
        {
            Scalar half = 0.5;
            return x.mul(half).div(half);
        }

        public static torch.Tensor Held(torch.Tensor x)
        {
            using Scalar half = 0.5, third = 1.0 / 3;
            return x.mul(half).div(third);
        }

        public static torch.Tensor Difference(torch.Tensor x) => -x * x - x;
    }
}
