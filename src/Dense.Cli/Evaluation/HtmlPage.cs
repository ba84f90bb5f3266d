using System.Globalization;
using System.Net;
using System.Text;

namespace Dense.Cli.Evaluation;

/// <summary>A page that needs nothing but a browser: no script, no style sheet beside it.</summary>
internal sealed class HtmlPage
{
    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 "
            + "1em;color:#222;background:#fff}"
        + "pre{background:#f5f5f3;padding:1em;overflow:auto}table{border-collapse:collapse}td,th{padding:2px "
        + "10px;text-align:right}"
        + "td:first-child,th:first-child{text-align:left}.bar{width:24em;text-align:left}.bar "
        + "i{display:block;height:.9em;background:#3b6fb6}"
        + "figure{margin:1em 0;display:inline-block;width:48%;vertical-align:top}figure "
        + "svg{width:100%;height:auto;background:#ddd}"
        + "figcaption{font-size:13px;color:#555;overflow-wrap:anywhere}@media(max-width:50em){figure{width:100%}}";

    private readonly StringBuilder _html = new();

    public HtmlPage(string title)
    {
        _html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(Text(title))
            .Append("</title><style>").Append(Style).Append("</style></head><body>\n<h1>").Append(Text(title))
            .Append("</h1>\n");
    }

    /// <summary>One row of a bar chart.</summary>
    /// <param name="Label">What it is.</param>
    /// <param name="First">First value.</param>
    /// <param name="Second">Second value, that of the bar.</param>
    /// <param name="Share">Length of the bar, 0 to 1.</param>
    internal sealed record Bar(string Label, string First, string Second, double Share);

    public void Heading(string text) => _html.Append("<h2>").Append(Text(text)).Append("</h2>\n");

    public void Paragraph(string text) => _html.Append("<p>").Append(Text(text)).Append("</p>\n");

    public void Lines(IEnumerable<string> lines) =>
        _html.Append("<pre>").Append(Text(string.Join('\n', lines))).Append("</pre>\n");

    /// <summary>Adds markup as it is.</summary>
    public void Raw(string html) => _html.Append(html).Append('\n');

    public void Figure(string html, string caption) =>
        _html.Append("<figure>").Append(html).Append("<figcaption>").Append(Text(caption))
            .Append("</figcaption></figure>\n");

    public void Bars(IReadOnlyList<string> titles, IEnumerable<Bar> bars)
    {
        _html.Append("<table><tr>");
        foreach (string title in titles)
            _html.Append("<th>").Append(Text(title)).Append("</th>");

        _html.Append("<th></th></tr>\n");
        foreach (Bar bar in bars)
        {
            _html.Append("<tr><td>").Append(Text(bar.Label)).Append("</td><td>").Append(Text(bar.First))
                .Append("</td><td>")
                .Append(Text(bar.Second)).Append("</td><td class=\"bar\"><i style=\"width:")
                .Append((100 * bar.Share).ToString("0.0", CultureInfo.InvariantCulture)).Append("%\"></i></td></tr>\n");
        }

        _html.Append("</table>\n");
    }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_html + "</body></html>\n");

    /// <summary>Text that may hold anything, made harmless.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
