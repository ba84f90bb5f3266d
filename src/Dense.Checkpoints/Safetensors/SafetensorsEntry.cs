namespace Dense.Checkpoints.Safetensors;

/// <summary>One tensor in a safetensors header.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Start">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last.</param>
internal sealed record SafetensorsEntry(ElementType Type, long[] Shape, long Start, long End);
