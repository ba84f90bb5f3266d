using System.Collections.Frozen;
using Dense.Coco.Annotations;
using Dense.Coco.Checks;
using Dense.Imaging;

namespace Dense.Cli.Datasets;

/// <summary>
/// Looks at the image files of a data set: each is there, can be decoded, has the recorded size, and no other lies
/// beside.
/// </summary>
internal sealed class ImageFolderCheck(CocoDataset dataset, string folder)
{
    private static readonly FrozenSet<string> Extensions = new[] { ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes every file.</summary>
    /// <param name="workers">Threads; the findings do not depend on it.</param>
    public IReadOnlyList<Finding> Run(int workers)
    {
        var findings = new Finding?[dataset.Images.Count];
        Parallel.For(
            0,
            findings.Length,
            new ParallelOptions { MaxDegreeOfParallelism = workers },
            () => (Decoder: new ImageDecoder(new ImageDecoderSettings { ApplyExifOrientation = true }),
                Pixels: new RgbImage()),
            (i, _, local) =>
            {
                findings[i] = Check(dataset.Images[i], local.Decoder, local.Pixels);
                return local;
            },
            local => local.Decoder.Dispose());

        return [.. findings.OfType<Finding>(), .. ExtraFiles()];
    }

    private Finding? Check(CocoImage image, ImageDecoder decoder, RgbImage pixels)
    {
        string where = $"{image.FileName} (image {image.Id})";
        string path = Path.Combine(folder, image.FileName);
        if (image.FileName.Length == 0 || !File.Exists(path))
            return new Finding(CheckKind.MissingFile, where);

        try
        {
            decoder.DecodeFile(path, pixels);
        }
        catch (ImageDecodeException e)
        {
            return new Finding(CheckKind.UndecodableFile, $"{where}: {e.Message}");
        }

        bool isRecorded = (pixels.Width, pixels.Height) == (image.Width, image.Height);
        bool isSwapped = (pixels.Width, pixels.Height) == (image.Height, image.Width);
        return isRecorded || image.Width <= 0 || image.Height <= 0
            ? null
            : new Finding(
                CheckKind.FileSize,
                $"{where}: {pixels.Width}x{pixels.Height} upright, recorded "
                    + $"{image.Width}x{image.Height}{(isSwapped ? ", swapped" : "")}");
    }

    private IEnumerable<Finding> ExtraFiles()
    {
        HashSet<string> known = [.. dataset.Images.Select(i => Path.GetFullPath(Path.Combine(folder, i.FileName)))];
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Extensions.Contains(Path.GetExtension(path)) && !known.Contains(Path.GetFullPath(path)))
            .Order(StringComparer.Ordinal)
            .Select(path => new Finding(CheckKind.ExtraFile, Path.GetRelativePath(folder, path)));
    }
}
