namespace Dense.Hub;

/// <summary>An entry of the catalogue.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="File">The file's name, in the cache and at every mirror.</param>
/// <param name="Depth">50 for ResNet-50, 101 for ResNet-101.</param>
/// <param name="Data">The images it was pre-trained on.</param>
/// <param name="Epochs">For how long.</param>
/// <param name="Mirrors">Addresses, tried in order; one that ends in <c>/</c> is a folder that holds the file.</param>
public sealed record PublishedModel(
    string Name, string File, int Depth, string Data, int Epochs, IReadOnlyList<string> Mirrors)
{
    /// <summary>The address of the file at a mirror.</summary>
    /// <param name="mirror">A folder, or the file itself where the last segment has the file's name or an extension of
    /// weight files.</param>
    /// <exception cref="HubException">It is no http or https address.</exception>
    public Uri AddressAt(string mirror)
    {
        if (!Uri.TryCreate(mirror, UriKind.Absolute, out Uri? uri) || (uri.Scheme != "http" && uri.Scheme != "https"))
        {
            throw new HubException($"Mirror '{mirror}': expected an address that begins with https:// or http://. " +
                "A file that you have already belongs into the cache folder: densecl models.");
        }

        bool isFile = uri.Query.Length > 0
            || Path.GetExtension(uri.AbsolutePath) is ".pth" or ".pkl" or ".pt" or ".safetensors";
        return isFile ? uri : new Uri(mirror.TrimEnd('/') + "/" + File);
    }
}
