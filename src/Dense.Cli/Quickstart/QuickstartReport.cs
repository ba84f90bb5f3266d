using System.Text;
using Dense.Checkpoints;
using Dense.Cli.Evaluation;
using Dense.Imaging.Scenes;

namespace Dense.Cli.Quickstart;

/// <summary>The quickstart's page: tables, bars, curves, pictures.</summary>
/// <param name="folder">Where it goes and its pictures are.</param>
/// <param name="options">What was done.</param>
internal sealed class QuickstartReport(QuickstartFolder folder, QuickstartOptions options)
{
    public const string FileName = "report.html", Bars = "ap.png", PretrainingLosses = "losses_pretraining.png";

    /// <summary>The file with the losses of a detector's trainings.</summary>
    public static string LossesName(QuickstartDetector detector) => $"losses_{detector.Name}.png";

    /// <summary>Writes the page.</summary>
    public void Write(QuickstartResults results, TimeSpan elapsed)
    {
        var page = new HtmlPage("densecl quickstart");
        page.Paragraph(
            $"Two backbones were pre-trained on {options.Unlabelled} unlabelled synthetic scenes for "
            + $"{Count(options.Epochs, "epoch")}. FCOS and SOLOv2 then learned from {options.Labelled} labelled scenes "
            + $"for {Count(options.Iterations, "iteration")}, starting from random weights and from either backbone, "
            + $"with {Count(options.Repeats, "seed")} each. AP is measured on {options.Validation} other scenes. "
            + $"{elapsed.TotalMinutes:F1} minutes in all.");
        WriteAveragePrecision(page, results);
        WriteProbes(page, results);
        page.Heading("Detections in the same scenes");
        foreach (QuickstartDetector detector in QuickstartDetector.All)
        {
            Picture(page, QuickstartPictures.DetectionsName(detector),
                $"{detector.Title}, everything is trained, first seed: the best detections, as many as there are "
                + "objects.");
        }

        page.Heading("Losses");
        Picture(page, PretrainingLosses,
            "Pre-training. DenseCL's loss is the mean of an image and a cell loss; it is no rival of MoCo-v2's.");
        foreach (QuickstartDetector detector in QuickstartDetector.All)
            Picture(page, LossesName(detector), $"{detector.Title}, everything is trained, first seed.");

        page.Heading("Matching cells");
        foreach (StartingWeights weights in StartingWeights.Pretrained)
        {
            Picture(page, QuickstartPictures.CorrespondenceName(weights),
                $"{weights.Title}: a scene, an enlarged part of it, and the twelve most similar pairs of mutual "
                + "best matches.");
        }

        page.Heading("Scenes");
        Picture(page, QuickstartFolder.ScenesPicture,
            "Scenes of the validation set. Each class has a hue and a pattern of its own; hues overlap.");
        AtomicFile.Write(folder[FileName], stream => stream.Write(page.ToUtf8()));
    }

    private static void WriteAveragePrecision(HtmlPage page, QuickstartResults results)
    {
        page.Heading("Average precision, %");
        var html = new StringBuilder("<table><tr><th>weights</th>");
        foreach (var (detector, isFrozen) in Columns)
        {
            html.Append("<th>")
                .Append(HtmlPage.Text($"{detector.Figure}, {QuickstartTables.BlockTitle(isFrozen)}"))
                .Append("</th>");
        }

        html.Append("</tr>\n");
        foreach (StartingWeights weights in StartingWeights.All)
        {
            html.Append("<tr><td>").Append(HtmlPage.Text(weights.Title)).Append("</td>");
            foreach (var (detector, isFrozen) in Columns)
            {
                html.Append("<td>")
                    .Append(HtmlPage.Text(results.Of(weights, detector, isFrozen).ToString()))
                    .Append("</td>");
            }

            html.Append("</tr>\n");
        }

        page.Raw(html.Append("</table>").ToString());
        var verdicts = QuickstartTables.Verdicts(results).Select(v => $"<li>{HtmlPage.Text(v)}</li>");
        page.Raw("<ul>" + string.Concat(verdicts) + "</ul>");
        Picture(page, Bars, "Mean over the seeds; the line is the range.");
    }

    private static void WriteProbes(HtmlPage page, QuickstartResults results)
    {
        page.Heading("Features without any training on top");
        var html = new StringBuilder(
            "<table><tr><th>weights</th><th>image k-NN top-1 %</th><th>cell k-NN top-1 %</th></tr>\n");
        foreach (var (weights, probe) in results.Probes)
        {
            html.Append($"<tr><td>{HtmlPage.Text(weights.Title)}</td>")
                .Append($"<td>{probe.Image:F1}</td><td>{probe.Cell:F1}</td></tr>\n");
        }

        page.Raw(html.Append("</table>").ToString());
        int classes = QuickstartFolder.Look.Classes().Count;
        page.Paragraph("Image: one object per picture, its class from the pooled features. Cell: the class of the "
            + $"shape that covers a cell of the feature map. {classes} classes, guessing single objects gives "
            + $"{100.0 / classes:0.#} %.");
    }

    private static string Count(int number, string thing) => $"{number} {thing}{(number == 1 ? "" : "s")}";

    private static IEnumerable<(QuickstartDetector Detector, bool IsFrozen)> Columns =>
        from isFrozen in (bool[])[false, true]
        from detector in QuickstartDetector.All
        select (detector, isFrozen);

    private static void Picture(HtmlPage page, string file, string caption) => page.Raw(
        $"<p><img src=\"{file}\" alt=\"{HtmlPage.Text(caption)}\" style=\"max-width:100%\"><br>"
        + $"<small>{HtmlPage.Text(caption)}</small></p>");
}
