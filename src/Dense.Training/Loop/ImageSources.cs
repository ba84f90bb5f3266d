using Dense.Training.Data.Archives;
using Dense.Training.Data.Sources;
using Dense.Training.Settings;

namespace Dense.Training.Loop;

/// <summary>Opens the images that a configuration names.</summary>
public static class ImageSources
{
    /// <summary>Opens a source.</summary>
    /// <param name="settings">The data section.</param>
    /// <param name="labelled">Whether folders and archives give labels, from the names of the folders that hold the
    /// images.</param>
    /// <param name="training">Which part of CIFAR.</param>
    /// <exception cref="Data.DatasetException">It cannot be read, or holds no images.</exception>
    public static IImageSource Open(DataSourceSettings settings, bool labelled, bool training = true)
    {
        string root = settings.Root ?? throw new Data.DatasetException(
            "DATA.ROOT is not set: name the folder that holds the images (DATA.ROOT path/to/images).");
        return settings.Kind switch
        {
            DataSourceKind.List => ImageList.Open(root, settings.List ?? throw new Data.DatasetException(
                "DATA.LIST is not set: DATA.SOURCE 'list' needs a file that names an image on each line.")),
            DataSourceKind.Coco => ImageFolder.OpenCoco(root),
            DataSourceKind.Cifar10 or DataSourceKind.Cifar100 => Cifar.Open(root, training),
            DataSourceKind.Archive => ImageArchive.Open(root, labelled),
            _ => labelled ? ImageFolder.OpenClasses(root) : ImageFolder.Open(root),
        };
    }
}
