namespace Dense.Detection.Fcos;

/// <summary>The P positive locations of a pyramid level over a batch; all others are background (M-54).</summary>
/// <param name="Locations">(image · h + y) · w + x of each, ascending.</param>
/// <param name="Classes">The class of each, 0 … K − 1.</param>
/// <param name="Distances">P×4: left, top, right, bottom side of the object's box, in strides.</param>
/// <param name="Objects">Number of the object in the running list of objects over the batch.</param>
public sealed record LevelTargets(long[] Locations, int[] Classes, float[] Distances, int[] Objects)
{
    /// <summary>P.</summary>
    public int Count => Locations.Length;
}
