namespace Dense.Imaging;

/// <summary>A range of numbers to draw from.</summary>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
public readonly record struct Interval(double Low, double High);
