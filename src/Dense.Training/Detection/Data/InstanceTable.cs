using System.Globalization;
using System.Text;

namespace Dense.Training.Detection.Data;

/// <summary>How often each class occurs, as a table for the log (E-97).</summary>
public static class InstanceTable
{
    private const int ColumnPairs = 3;

    /// <summary>Counts the objects that are no crowds.</summary>
    /// <returns>One number for each class.</returns>
    public static int[] Count(IEnumerable<ImageRecord> images, int classes)
    {
        int[] counts = new int[classes];
        foreach (ImageRecord image in images)
        {
            foreach (ObjectRecord o in image.Objects)
                counts[o.ClassId] += o.IsCrowd ? 0 : 1;
        }

        return counts;
    }

    /// <summary>Formats a table of three columns of classes and numbers, with the total in its last line.</summary>
    public static string Format(IReadOnlyList<ImageRecord> images, IReadOnlyList<string> classNames)
    {
        int[] counts = Count(images, classNames.Count);
        int nameWidth = Math.Max(5, classNames.Max(n => n.Length));
        long total = counts.Sum(c => (long)c);
        int countWidth = Math.Max(9, total.ToString(CultureInfo.InvariantCulture).Length);

        var text = new StringBuilder();
        for (int i = 0; i < counts.Length; i++)
        {
            bool isLast = i % ColumnPairs == ColumnPairs - 1 || i == counts.Length - 1;
            text.Append(Cell(classNames[i], counts[i])).Append(isLast ? "\n" : "   ");
        }

        return text.Append(Cell("total", total)).ToString();

        string Cell(string name, long count) =>
            name.PadRight(nameWidth) + count.ToString(CultureInfo.InvariantCulture).PadLeft(countWidth);
    }
}
