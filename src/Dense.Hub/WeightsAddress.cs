namespace Dense.Hub;

/// <summary>The names by which detectron2 knows weights on the network (E-39).</summary>
public static class WeightsAddress
{
    private const string Host = "https://dl.fbaipublicfiles.com/";
    private const string Detectron2 = "detectron2://";
    private const string Catalog = "catalog://";
    private const string ImageNet = "ImageNetPretrained/";

    private static readonly Dictionary<string, string> ImageNetFiles = new(StringComparer.Ordinal)
    {
        ["MSRA/R-50"] = "MSRA/R-50.pkl",
        ["MSRA/R-101"] = "MSRA/R-101.pkl",
        ["FAIR/R-50-GN"] = "47261647/R-50-GN.pkl",
        ["FAIR/R-101-GN"] = "47592356/R-101-GN.pkl",
        ["FAIR/X-101-32x8d"] = "20171220/X-101-32x8d.pkl",
        ["FAIR/X-101-64x4d"] = "FBResNeXt/X-101-64x4d.pkl",
        ["FAIR/X-152-32x8d-IN5k"] = "25093814/X-152-32x8d-IN5k.pkl",
    };

    /// <summary>The address behind a name; null when it is the path of a local file.</summary>
    /// <param name="name"><c>detectron2://…</c>, <c>catalog://…</c>, <c>http(s)://…</c>, or a path.</param>
    /// <exception cref="HubException">The name is malformed or not in the catalogue.</exception>
    public static Uri? Find(string name)
    {
        if (!name.Contains("://", StringComparison.Ordinal))
            return null;

        string address = name switch
        {
            _ when name.StartsWith(Detectron2, StringComparison.Ordinal) =>
                $"{Host}detectron2/{name[Detectron2.Length..]}",
            _ when name.StartsWith(Catalog, StringComparison.Ordinal) => Host + "detectron/" + InCatalogue(name),
            _ => name,
        };
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("http" or "https")
            ? uri
            : throw new HubException($"{name}: expected a path, detectron2://…, catalog://… or http(s)://….");
    }

    private static string InCatalogue(string name)
    {
        string entry = name[Catalog.Length..];
        if (entry.StartsWith(ImageNet, StringComparison.Ordinal)
            && ImageNetFiles.TryGetValue(entry[ImageNet.Length..], out string? file))
        {
            return ImageNet + file;
        }

        throw new HubException($"{name}: not in the catalogue, which has "
            + string.Join(", ", ImageNetFiles.Keys.Select(key => Catalog + ImageNet + key)) + ".");
    }
}
