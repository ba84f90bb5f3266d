using System.Numerics;

namespace Dense.Detection.Boxes;

/// <summary>Boxes that stay, coordinate by coordinate: a newcomer meets several of them per instruction.</summary>
internal sealed class KeptBoxes
{
    private readonly float _threshold;
    private readonly float[] _x1;
    private readonly float[] _y1;
    private readonly float[] _x2;
    private readonly float[] _y2;
    private readonly float[] _areas;
    private int _count;

    /// <summary>Makes room.</summary>
    public KeptBoxes(int capacity, double iouThreshold)
    {
        // A float32 is above the double threshold exactly when it is above the largest float32 that is not.
        _threshold = (float)iouThreshold;
        if (_threshold > iouThreshold)
            _threshold = MathF.BitDecrement(_threshold);

        int padded = capacity + Vector<float>.Count;
        (_x1, _y1, _x2, _y2, _areas) =
            (new float[padded], new float[padded], new float[padded], new float[padded], new float[padded]);
    }

    /// <summary>Forgets all boxes.</summary>
    public void Clear()
    {
        // The places beyond the count are read by whole vectors: boxes without area suppress nothing.
        Array.Clear(_x1, 0, _count);
        Array.Clear(_y1, 0, _count);
        Array.Clear(_x2, 0, _count);
        Array.Clear(_y2, 0, _count);
        Array.Clear(_areas, 0, _count);
        _count = 0;
    }

    /// <summary>Adds a box unless one of those here overlaps it too much.</summary>
    /// <param name="box">x1, y1, x2, y2.</param>
    public bool TryAdd(ReadOnlySpan<float> box)
    {
        float x1 = box[0], y1 = box[1], x2 = box[2], y2 = box[3], area = (x2 - x1) * (y2 - y1);
        if (IsSuppressed(x1, y1, x2, y2, area))
            return false;

        (_x1[_count], _y1[_count], _x2[_count], _y2[_count], _areas[_count]) = (x1, y1, x2, y2, area);
        _count++;
        return true;
    }

    private bool IsSuppressed(float x1, float y1, float x2, float y2, float area)
    {
        var zero = Vector<float>.Zero;
        var threshold = new Vector<float>(_threshold);
        for (int i = 0; i < _count; i += Vector<float>.Count)
        {
            Vector<float> width = Vector.Min(new Vector<float>(x2), new Vector<float>(_x2, i))
                - Vector.Max(new Vector<float>(x1), new Vector<float>(_x1, i));
            Vector<float> height = Vector.Min(new Vector<float>(y2), new Vector<float>(_y2, i))
                - Vector.Max(new Vector<float>(y1), new Vector<float>(_y1, i));
            Vector<float> shared = Vector.Max(zero, width) * Vector.Max(zero, height);
            Vector<float> iou = shared / (new Vector<float>(_areas, i) + new Vector<float>(area) - shared);
            if (Vector.GreaterThanAny(iou, threshold))
                return true;
        }

        return false;
    }
}
