namespace Dense.Coco.Evaluation;

/// <summary>Computes the overlaps of one group. One instance for each thread.</summary>
internal interface IOverlapSource
{
    /// <summary>Fills the areas of the detections and all overlaps that can reach the lowest threshold.</summary>
    void Fill(in Group group, GroupOverlap output);

    /// <summary>What to tell the user at the end; counts of one thread, to be added up.</summary>
    OverlapCounts Counts { get; }
}
