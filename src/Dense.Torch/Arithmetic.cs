using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch;

/// <summary>
/// Tensor arithmetic with numbers that stay alive while libtorch reads them. Takes the place of TorchSharp's operators
/// wherever one would turn a number into a <see cref="Scalar"/>: <c>x + y</c> (it passes a hidden 1) and every operator
/// or function with a number. <c>x * y</c>, <c>x - y</c>, <c>x / y</c> and <c>-x</c> are safe as they are.
/// </summary>
/// <remarks>
/// A <see cref="Scalar"/> owns native memory that its finalizer frees. The one that TorchSharp makes of the number in
/// <c>x * 0.5</c> is unreachable as soon as its address has gone to libtorch: when another thread causes a garbage
/// collection in that moment, libtorch reads freed memory. So no Scalar is made by a conversion in passing; it is a
/// static field or a <c>using</c> local, here and wherever a function of this class is missing. A test reads the
/// compiled code for it. Functions with a number round as TorchSharp's operators do.
/// </remarks>
public static class Arithmetic
{
    private static readonly Scalar One = 1;
    private static readonly Scalar Two = 2;

    private static readonly Script Functions = new("""
        def softplus(x: Tensor) -> Tensor:
            return torch.softplus(x)

        def vector_norm(x: Tensor, order: float) -> Tensor:
            return torch.linalg_vector_norm(x, order)

        """);

    /// <summary>x + y, shapes broadcast.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + number.</summary>
    /// <param name="x">Of a floating type.</param>
    /// <param name="number">Any.</param>
    public static Tensor Plus(this Tensor x, double number) => With(x, number, (t, s) => t.add(s, One));

    /// <summary>x − number.</summary>
    /// <param name="x">Of a floating type.</param>
    /// <param name="number">Any.</param>
    public static Tensor Minus(this Tensor x, double number) => With(x, number, (t, s) => t.sub(s));

    /// <summary>x · number.</summary>
    /// <param name="x">Of a floating type.</param>
    /// <param name="number">Any.</param>
    public static Tensor Times(this Tensor x, double number) => With(x, number, (t, s) => t.mul(s));

    /// <summary>x / number.</summary>
    /// <param name="x">Of a floating type.</param>
    /// <param name="number">Any.</param>
    public static Tensor Over(this Tensor x, double number) => With(x, number, (t, s) => t.div(s));

    /// <summary>x², element by element.</summary>
    public static Tensor Squared(this Tensor x) => x.pow(Two);

    /// <summary>max(x, least), element by element.</summary>
    public static Tensor AtLeast(this Tensor x, double least) => With(x, least, (t, s) => t.clamp_min(s));

    /// <summary>min(x, most), element by element.</summary>
    public static Tensor AtMost(this Tensor x, double most) => With(x, most, (t, s) => t.clamp_max(s));

    /// <summary>log(1 + exp x), element by element.</summary>
    public static Tensor Softplus(this Tensor x) => Functions.Run<Tensor>("softplus", x);

    /// <summary>(Σ |x|^order)^(1/order) over all elements; the largest |x| for infinity.</summary>
    /// <returns>0-dimensional.</returns>
    public static Tensor VectorNorm(this Tensor x, double order) => Functions.Run<Tensor>("vector_norm", x, order);

    /// <summary>x ← x + y; y is broadcast.</summary>
    /// <returns>x.</returns>
    public static Tensor AddInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x ← x + number.</summary>
    /// <param name="x">Of any type.</param>
    /// <param name="number">Any.</param>
    /// <returns>x.</returns>
    public static Tensor AddInPlace(this Tensor x, long number)
    {
        using Scalar scalar = number;
        return x.add_(scalar, One);
    }

    /// <summary>x ← x · number.</summary>
    /// <param name="x">Of a floating type.</param>
    /// <param name="number">Any.</param>
    /// <returns>x.</returns>
    public static Tensor MultiplyInPlace(this Tensor x, double number) => With(x, number, (t, s) => t.mul_(s));

    /// <summary>x ← x / number.</summary>
    /// <param name="x">Of a floating type.</param>
    /// <param name="number">Any.</param>
    /// <returns>x.</returns>
    public static Tensor DivideInPlace(this Tensor x, double number) => With(x, number, (t, s) => t.div_(s));

    /// <summary>Sets all elements to one number.</summary>
    /// <returns>x.</returns>
    public static Tensor Fill(this Tensor x, double number) => With(x, number, (t, s) => t.fill_(s));

    // The number lives until the operation is over.
    private static Tensor With(Tensor x, double number, Func<Tensor, Scalar, Tensor> operation)
    {
        using Scalar scalar = number;
        return operation(x, scalar);
    }
}
