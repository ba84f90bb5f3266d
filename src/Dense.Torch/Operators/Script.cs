using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Operators;

/// <summary>
/// A door to the ATen operators that TorchSharp does not wrap: TorchScript source, compiled at its first call.
/// Autograd passes through. A call costs a few microseconds.
/// </summary>
/// <remarks>
/// libtorch aborts the process on a script that does not compile, so a test compiles each one. The source ends with an
/// empty line because the parser needs the line break that a raw string literal drops.
/// </remarks>
internal sealed class Script(string source)
{
    private readonly Lazy<jit.CompilationUnit> _unit = new(() => jit.compile(source));

    /// <summary>Runs a function of the script and discards what it returns.</summary>
    public void Run(string function, params object[] arguments) => Run<object>(function, arguments);

    /// <summary>Runs a function of the script.</summary>
    public T Run<T>(string function, params object[] arguments)
    {
        // Numbers that TorchSharp would turn into a Scalar go in as one that lives until the call is over: Arithmetic.
        object[] held = [.. arguments.Select(Held)];
        try
        {
            return (T)_unit.Value.invoke(function, held);
        }
        finally
        {
            // A Scalar that the caller passed stays the caller's.
            foreach (Scalar made in held.Where((h, i) => !ReferenceEquals(h, arguments[i])).Cast<Scalar>())
                made.Dispose();
        }
    }

    private static object Held(object argument) => argument switch
    {
        double number => (Scalar)number,
        float number => (Scalar)number,
        long number => (Scalar)number,
        _ => argument,
    };
}
