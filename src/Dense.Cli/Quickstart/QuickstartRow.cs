namespace Dense.Cli.Quickstart;

/// <summary>A line of the quickstart's table.</summary>
/// <param name="Weights">Which weights.</param>
/// <param name="ImageTop1">k-NN accuracy on single objects, percent.</param>
/// <param name="CellTop1">k-NN accuracy on cells of scenes, percent.</param>
/// <param name="Backbone">The file with the weights.</param>
internal sealed record QuickstartRow(string Weights, double ImageTop1, double CellTop1, string Backbone);
