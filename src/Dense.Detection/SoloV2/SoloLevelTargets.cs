namespace Dense.Detection.SoloV2;

/// <summary>What one level of the grid is to find in one image (M-95, M-96).</summary>
/// <param name="Grid">G, cells per side.</param>
/// <param name="Categories">G² class numbers, row after row; K where no object is.</param>
/// <param name="Cells">P cell numbers i·G + j in the order of the objects; a contested cell is there more than
/// once.</param>
/// <param name="Objects">P object numbers: whose mask the kernel of the cell is to give.</param>
/// <param name="Marked">How many different cells are in <paramref name="Cells"/>.</param>
public sealed record SoloLevelTargets(int Grid, int[] Categories, int[] Cells, int[] Objects, int Marked);
