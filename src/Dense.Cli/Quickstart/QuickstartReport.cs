using System.Globalization;
using System.Net;
using System.Text;
using Dense.Checkpoints;

namespace Dense.Cli.Quickstart;

/// <summary>The quickstart's page: table, curves, pictures.</summary>
internal static class QuickstartReport
{
    public const string FileName = "report.html";

    public static string CorrespondenceName(QuickstartRow row) =>
        $"correspondence_{Path.GetFileNameWithoutExtension(row.Backbone)}.png";

    public static void Write(string folder, IReadOnlyList<QuickstartRow> rows, TimeSpan elapsed)
    {
        var html = new StringBuilder("""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <title>densecl quickstart</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
            body { color: #222 }
            table { border-collapse: collapse }
            th, td { padding: .3rem 1rem; border-bottom: 1px solid #ccc; text-align: right }
            th:first-child, td:first-child { text-align: left } img { max-width: 100% }
            </style>
            <h1>densecl quickstart</h1>
            <p>Backbones pre-trained on 1,024 unlabelled synthetic scenes, probed without training anything on top.</p>
            <table><tr><th>weights</th><th>image k-NN top-1 %</th><th>cell k-NN top-1 %</th></tr>

            """);
        foreach (QuickstartRow row in rows)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(row.Weights)}</td><td>{row.ImageTop1:F1}</td><td>{row.CellTop1:F1}</td></tr>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"""
            </table>
            <p>Image: one object per picture, its class from the pooled features. Cell: the class of the shape that
            covers a cell of the feature map. Eight classes, guessing gives 12.5 %. One seed;
            {elapsed.TotalMinutes:F1} minutes in all.</p>
            <h2>Losses</h2><img src="losses.png" alt="Losses over steps">
            <h2>Scenes</h2><img src="scenes.png" alt="Some of the scenes">

            """);
        foreach (QuickstartRow row in rows.Where(r => r.Weights != "random"))
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>Matching cells, {Text(row.Weights)}</h2>")
                .Append(CultureInfo.InvariantCulture, $"<img src=\"{CorrespondenceName(row)}\" ")
                .Append("alt=\"Mutual best matches\">\n");
        }

        html.Append("</html>\n");
        AtomicFile.WriteText(Path.Combine(folder, FileName), html.ToString());
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
